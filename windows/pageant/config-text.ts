/** The longest file that is read, in bytes: Pageant writes one line, but a person may have put it among others. */
export const CONFIG_MAX = 64 * 1024;

/** Windows' own limit for a pipe's name, in UTF-16 units. */
const NAME_MAX = 256;

/**
 * A line as Pageant's --openssh-config has it: 0.77 and 0.78 write the pipe's path with backslashes and bare, also
 * when the user's name in it has a space; 0.79 and later with slashes and in quotes.
 */
const LINE = /^IdentityAgent[ \t]+(?:"([^"]*)"|([^"\s].*))$/i;

const PIPE = /^(?:\\\\|\/\/)\.[\\/]pipe[\\/]([^\\/\p{Cc}]+)$/iu;

/**
 * The name of the pipe, without `\\.\pipe\`, in the text of a file that `pageant --openssh-config` wrote; or what is
 * wrong with it: `empty` is what Pageant leaves when it exits, `garbage` has no line that names a pipe of this machine.
 */
export function parseConfig(text: string): {pipe: string} | 'empty' | 'garbage' {
  if (text.trim() === '') return 'empty';
  for (const line of text.split(/\r\n|[\r\n]/)) {
    const [, quoted, bare] = LINE.exec(line.trim()) ?? [];
    const [, pipe = ''] = PIPE.exec(quoted ?? bare ?? '') ?? [];
    if (pipe !== '' && pipe.length <= NAME_MAX) return {pipe};
  }
  return 'garbage';
}
