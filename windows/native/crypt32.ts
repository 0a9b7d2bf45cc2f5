import {bind} from './kernel32.ts';

/** CRYPTPROTECTMEMORY_CROSS_PROCESS: other programs of the same session can read it, until Windows starts anew. */
const CROSS_PROCESS = 1;

/** Encrypts blocks of 16 bytes where they stand; leaves them as they are and gives false where Windows cannot. */
export function protectMemory(blocks: Uint8Array): boolean {
  try {
    const protect = bind('crypt32.dll').func<(data: Uint8Array, size: number, flags: number) => number>(
      'int CryptProtectMemory(void *, uint32, uint32)',
    );
    return protect(blocks, blocks.length, CROSS_PROCESS) !== 0;
  } catch {
    return false;
  }
}
