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

function isFolder(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() === true;
}
