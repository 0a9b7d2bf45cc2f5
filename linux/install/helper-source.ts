import {accessSync, constants, readFileSync, statSync} from 'node:fs';
import {basename, delimiter, dirname, isAbsolute, join, resolve} from 'node:path';
import {VERSION} from '../../shared/version.ts';
import {UserError} from '../errors.ts';
import {builtExe, findHelper, libraryBeside, npmLine} from '../helper-command.ts';
import {inspectExe} from '../relay/exe-file.ts';
import {isFolder} from '../system/folders.ts';
import {INTEROP_OFF, interop} from '../wsl.ts';
import {ABOUT_EXE, ABOUT_LIBRARY} from './helper-files.ts';
import type {Item} from './item.ts';
import {hashFile} from './look.ts';
import type {InstallRecord} from './record.ts';
import {checkVersion, localAppData} from './windows-program.ts';

/** The helper that the units will start. */
export type HelperSource = {
  /** The command, its program as an absolute path. */
  words: string[];
  /** Set when the person chose the command: the relay has to be told. */
  variable: string | undefined;
  /** The exe and its library, to be put on the Windows side; empty when the person chose another command. */
  items: Item[];
};

const EXE = 'wslagent-helper.exe';

/** Runs the exe to hear what Windows calls %LOCALAPPDATA%, and gives that as a Linux path. Throws UserError. */
type AskFolder = (exe: string) => Promise<string>;

/**
 * The helper for an installation, checked as far as it can be before anything is changed: WSLAGENT_HELPER, or
 * the exe of this build in its place under %LOCALAPPDATA%. Throws UserError.
 */
export async function helperSource(
  env: NodeJS.ProcessEnv,
  record: InstallRecord | undefined,
  askFolder: AskFolder = localAppData,
): Promise<HelperSource> {
  const custom = env.WSLAGENT_HELPER?.trim();
  return custom === undefined || custom === '' ? builtSource(record, askFolder) : customSource(env);
}

async function customSource(env: NodeJS.ProcessEnv): Promise<HelperSource> {
  const {command, args} = await findHelper(env);
  const program = absoluteProgram(command, env.PATH ?? '');
  if (!isProgram(program))
    throw new UserError(`the helper ${program} may not be executed`, 'unset WSLAGENT_HELPER', 'interop');
  const words = [program, ...args];
  // read again by parseCommandString, which knows one escape
  const variable = words.map(word => word.replaceAll(' ', '\\ ')).join(' ');
  return {words, variable: args.length === 0 ? words[0] : variable, items: []};
}

async function builtSource(record: InstallRecord | undefined, askFolder: AskFolder): Promise<HelperSource> {
  checkInterop();
  const source = builtExe();
  const sha256 = await checkBuilt(source, ABOUT_EXE);
  const library = libraryBeside(source);
  const librarySum = await checkBuilt(library, ABOUT_LIBRARY);
  const path = await installedAndRuns(record, sha256);
  const place = path ?? join(await folderOf(source, record, askFolder), VERSION, EXE);
  const item = (path: string, source: string, sha256: string, about: string): Item => ({
    kind: 'exe',
    owner: 'helper',
    path,
    source,
    sha256,
    about,
  });
  return {
    words: [place],
    variable: undefined,
    // an exe that is there finds its library
    items: [
      item(libraryBeside(place), library, librarySum, ABOUT_LIBRARY),
      item(place, source, sha256, ABOUT_EXE),
    ],
  };
}

/** `…/wslagent` on the Windows side. Where the last installation found it, there is no need to ask Windows. */
async function folderOf(
  source: string,
  record: InstallRecord | undefined,
  askFolder: AskFolder,
): Promise<string> {
  const last = record?.entries.findLast(entry => entry.kind === 'exe');
  const known = last?.kind === 'exe' ? dirname(dirname(last.path)) : undefined;
  if (known !== undefined && isFolder(known)) {
    await checkVersion(source);
    return known;
  }
  return join(await askFolder(source), 'wslagent');
}

/** The exe in its place, when it is there and whole: it starts faster than the one on the Linux side. */
function installedHere(record: InstallRecord | undefined, sha256: string): string | undefined {
  const entry = record?.entries.find(
    entry => entry.kind === 'exe' && entry.sha256 === sha256 && entry.pending !== true,
  );
  return entry?.kind === 'exe' && inspectExe(entry.path) === 'ok' ? entry.path : undefined;
}

/** One that was damaged is no reason to give up: it is copied again. */
async function installedAndRuns(
  record: InstallRecord | undefined,
  sha256: string,
): Promise<string | undefined> {
  const path = installedHere(record, sha256);
  if (path === undefined) return undefined;
  try {
    await checkVersion(path);
    return path;
  } catch (error) {
    if ((await hashFile(path)) === sha256) throw error;
    return undefined;
  }
}

function checkInterop(): void {
  const {registration, isWsl} = interop();
  if (registration !== undefined) return;
  throw isWsl
    ? new UserError('WSL interop is off: Windows programs cannot be started', INTEROP_OFF, 'interop')
    : new UserError('this is not WSL: Windows programs cannot be started here', 'wslagent trial', 'interop');
}

/** The sha256 of a file of the build, which is the one that the build wrote down. Throws UserError. */
async function checkBuilt(path: string, about: string): Promise<string> {
  const state = inspectExe(path);
  if (state !== 'ok') {
    const words = {
      missing: 'does not exist',
      unreadable: 'cannot be read',
      empty: 'is empty',
      foreign: 'is no Windows program',
      truncated: 'is cut short',
    };
    throw new UserError(`${about} ${path} ${words[state]}`, npmLine('build'), 'interop');
  }
  const sha256 = await hashFile(path);
  const expected = sumOf(path);
  if (sha256 === expected) return sha256;
  throw new UserError(
    expected === undefined
      ? `SHA256SUMS beside ${path} does not list it`
      : `${about} ${path} is damaged: its sha256 is not the one in SHA256SUMS`,
    npmLine('build'),
    'interop',
  );
}

function sumOf(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(join(dirname(path), 'SHA256SUMS'), 'utf8');
  } catch {
    return undefined;
  }
  const line = text.split('\n').find(line => line.slice(64) === `  ${basename(path)}`);
  return line?.slice(0, 64);
}

/** systemd starts programs by their absolute path. Throws UserError when there is none. */
function absoluteProgram(command: string, path: string): string {
  if (command.includes('/')) return resolve(command);
  const found = path
    .split(delimiter)
    .filter(isAbsolute)
    .map(folder => join(folder, command))
    .find(isProgram);
  if (found !== undefined) return found;
  throw new UserError(`the helper ${command} is not on PATH`, 'unset WSLAGENT_HELPER', 'interop');
}

/** A file that can be executed. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
