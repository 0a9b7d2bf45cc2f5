import {createHash} from 'node:crypto';
import {
  accessSync,
  constants,
  createReadStream,
  lstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import {ancestors, isFolder} from '../system/folders.ts';
import {type Entry, type Item, keyOf} from './item.ts';
import {sha256} from './plan-items.ts';
import {CONTENT_MAX, type FileState, type Present, type Seen} from './present.ts';
import type {UnitState} from './systemctl.ts';

/** Looks at everything that these items and entries speak of. Throws UserError for what cannot be read. */
export async function look(
  things: readonly (Item | Entry)[],
  folders: readonly string[],
  units: ReadonlyMap<string, UnitState>,
): Promise<Present> {
  const files = new Map<string, FileState>();
  const put = (path: string, state: FileState | undefined): void => {
    if (state !== undefined) files.set(path, state);
  };
  for (const thing of new Map(things.map(thing => [keyOf(thing), thing])).values()) {
    if (thing.kind === 'mask') continue;
    put(thing.path, await fileState(thing.path, thing.kind));
    for (const folder of ancestors(thing.path)) if (isFolder(folder)) put(folder, {kind: 'folder'});
  }
  for (const folder of folders.flatMap(path => [...ancestors(path), path]))
    if (isFolder(folder)) put(folder, {kind: 'folder'});
  return {files, units};
}

async function fileState(path: string, kind: Entry['kind']): Promise<FileState | undefined> {
  const own = lstatSync(path, {throwIfNoEntry: false});
  if (own === undefined) return undefined;
  if (own.isDirectory()) return {kind: 'folder'};
  // a person's start-up file may be a link into a collection of such files; a link in place of ours is not ours
  if (own.isSymbolicLink() && kind !== 'lines')
    return {kind: 'other', what: `a link to ${readlinkSync(path)}`};
  const stats = statSync(path, {throwIfNoEntry: false});
  if (stats === undefined)
    return {kind: 'other', what: `a link to ${readlinkSync(path)}, which does not exist`};
  if (!stats.isFile()) return {kind: 'other', what: 'no regular file'};
  const mode = stats.mode & 0o7777;
  const editable = isWritable(path) && stats.uid === (process.getuid?.() ?? stats.uid);
  const real = realpathSync(path);
  if (stats.size > CONTENT_MAX)
    return {kind: 'file', sha256: await hashFile(path), mode, content: undefined, editable, real};
  try {
    const content = readFileSync(path);
    return {kind: 'file', sha256: sha256(content), mode, content, editable, real};
  } catch (error) {
    throw new UserError(
      `cannot read ${path}: ${(error as Error).message}`,
      `ls -l ${shellWord(path)}`,
      'permission',
    );
  }
}

/** Whether a file is still what it was when a change was planned from it: content, mode, and the way there. */
export function isStill(path: string, planned: Seen): boolean {
  const stats = statSync(path, {throwIfNoEntry: false});
  if (stats === undefined || planned === 'nothing')
    return planned === 'nothing' && lstatSync(path, {throwIfNoEntry: false}) === undefined;
  return (
    stats.isFile() &&
    (stats.mode & 0o7777) === planned.mode &&
    (planned.real === undefined || realpathSync(path) === planned.real) &&
    sha256(readFileSync(path)) === planned.sha256
  );
}

/** Lower-case hex sha256 of a file, without holding it in memory. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, {highWaterMark: 1024 * 1024}), hash);
  return hash.digest('hex');
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
