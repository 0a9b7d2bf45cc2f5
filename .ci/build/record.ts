import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {put} from './put.ts';

/** For each file that takes long to make: what it was made from, and what came out. */
type Entries = Record<string, {inputs: string; sha256: string}>;

const FILE = '.build.json';

/** Lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The sha256 of a file, or `undefined` where there is none. */
export async function fileSha256(path: string): Promise<string | undefined> {
  try {
    return sha256(await readFile(path));
  } catch {
    return undefined;
  }
}

/** True when `name` in `dist` is there, unharmed, and was made from these inputs. */
export async function isCurrent(dist: string, name: string, inputs: string): Promise<boolean> {
  const entry = (await read(dist))[name];
  return entry?.inputs === inputs && entry.sha256 === (await fileSha256(join(dist, name)));
}

/** Remembers what files were made from, beside what is known of others. */
export async function remember(dist: string, made: Entries): Promise<void> {
  await put(join(dist, FILE), `${JSON.stringify({...(await read(dist)), ...made}, undefined, 2)}\n`);
}

/** Anything unreadable counts as nothing known: the files are then made again. */
async function read(dist: string): Promise<Entries> {
  try {
    return JSON.parse(await readFile(join(dist, FILE), 'utf8'));
  } catch {
    return {};
  }
}
