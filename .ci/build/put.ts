import {randomUUID} from 'node:crypto';
import {chmod, readFile, rename, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {WORK_PREFIX} from './work-dir.ts';

/** Writes a file so that a reader sees the old bytes or the new ones, never a part; unchanged files stay untouched. */
export async function put(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const bytes = Buffer.from(content);
  if (bytes.equals(await readOr(path))) {
    return chmod(path, mode);
  }
  const fresh = join(dirname(path), `${WORK_PREFIX}${randomUUID()}`);
  await writeFile(fresh, bytes, {mode});
  await rename(fresh, path);
}

async function readOr(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch {
    return Buffer.alloc(0);
  }
}
