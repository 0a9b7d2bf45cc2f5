/** A line of /proc/net/unix that belongs to a socket with a path. */
export type UnixSocket = {inode: number; listening: boolean; path: string};

/** __SO_ACCEPTCON of the kernel's net.h: the socket listens. */
const ACCEPTS = 0x1_0000;

const LINE = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ [0-9A-F]+ +([0-9]+) (.+)$/i;

/** Reads /proc/net/unix (unix_seq_show in the kernel's af_unix.c); lines of unbound sockets are left out. */
export function parseUnixTable(text: string): UnixSocket[] {
  return text.split('\n').flatMap(line => {
    const [, flags = '', inode = '', path = ''] = LINE.exec(line) ?? [];
    if (path === '') return [];
    return [{inode: Number(inode), listening: (Number.parseInt(flags, 16) & ACCEPTS) !== 0, path}];
  });
}
