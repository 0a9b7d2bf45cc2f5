import {dirname} from 'node:path';
import {VERSION} from '../../shared/version.ts';
import {libraryBeside} from '../helper-command.ts';
import {hashFile} from './look.ts';
import type {InstallRecord} from './record.ts';

/** How people are told of the exe and of koffi's native file beside it. */
export const ABOUT_EXE = 'the helper';
export const ABOUT_LIBRARY = "the helper's library";

/**
 * The paths of the helper's files that are missing or not those that were installed. A command that the person
 * chose has only to be there.
 */
export async function faultyFiles({version, entries, helper}: InstallRecord): Promise<string[]> {
  const [program = ''] = helper;
  const exes = entries.flatMap(entry => (entry.kind === 'exe' ? entry : []));
  const sums = new Map<string, string | undefined>([[program, undefined]]);
  if (exes.some(({path}) => path === program)) {
    // the record of an installation from before there was a library does not name it
    if (version === VERSION) sums.set(libraryBeside(program), undefined);
    // another version's files, which are on their way out, lie in another folder
    for (const {path, sha256} of exes) if (dirname(path) === dirname(program)) sums.set(path, sha256);
  }
  const found = await Promise.all(
    Array.from(sums, async ([path, sha256]) => ({path, faulty: await isFaulty(path, sha256)})),
  );
  return found.filter(({faulty}) => faulty).map(({path}) => path);
}

async function isFaulty(path: string, expected: string | undefined): Promise<boolean> {
  try {
    const sha256 = await hashFile(path);
    return expected !== undefined && sha256 !== expected;
  } catch {
    return true;
  }
}
