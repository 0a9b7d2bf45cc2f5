import {createHash} from 'node:crypto';

/** CRYPTPROTECTMEMORY_BLOCK_SIZE of wincrypt.h, in bytes. */
const BLOCK_BYTES = 16;

/** The word that Pageant's pipe name hides: zero-padded to one block of CryptProtectMemory. */
export function pageantBlock(): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(Buffer.from('Pageant'));
  return block;
}

/**
 * The name of Pageant's pipe, without `\\.\pipe\`: the user, and the SHA-256 of the block, which Windows has encrypted
 * for this session, as an SSH string (PuTTY since 0.75: agent_named_pipe_name.c, cryptoapi.c).
 */
export function pageantPipeName(user: string, block: Uint8Array): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(block.length);
  const hash = createHash('sha256').update(length).update(block).digest('hex');
  return `pageant.${user}.${hash}`;
}

/** Those of `names` that are a Pageant's of one of the users. Windows' pipe names do not tell case apart. */
export function pageantPipesOf(users: readonly string[], names: readonly string[]): string[] {
  const prefixes = users.map(user => `pageant.${user}.`.toLowerCase());
  return names.filter(name => {
    const prefix = prefixes.find(text => name.toLowerCase().startsWith(text));
    return prefix !== undefined && /^[0-9a-f]{64}$/i.test(name.slice(prefix.length));
  });
}
