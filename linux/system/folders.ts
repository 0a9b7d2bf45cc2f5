import {mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';

/**
 * Makes a folder, and those above it that are missing, unless it is there. Throws what the system says. Node's own way
 * (`recursive`) never comes back where a folder is there and takes none, as /proc, and hides why another takes none.
 */
export function makeFolder(path: string, mode: number): void {
  if (isFolder(path)) return;
  makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, {mode});
  } catch (error) {
    // somebody was faster
    if (!isFolder(path)) throw error;
  }
}

/** Whether there is a folder, or a link to one. Throws what the system says. */
export function isFolder(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() === true;
}

/** All folders above a path, outermost first, without the root; whether they are there or not. */
export function ancestors(path: string): string[] {
  const folder = dirname(path);
  return folder === '/' || folder === path ? [] : [...ancestors(folder), folder];
}
