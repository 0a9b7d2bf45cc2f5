import {existsSync, statSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {shellWord} from '../shared/text.ts';
import {UserError} from './errors.ts';
import {installedHelper} from './install/record.ts';
import {writesToJournal} from './journal-stream.ts';
import {interop} from './wsl.ts';

/** A program that can be started as a helper: `command ...args serve`. */
export type HelperCommand = {
  command: string;
  args: string[];
  /** A folder on a Windows drive: a Windows program started elsewhere takes seconds (microsoft/WSL#8943). */
  cwd: string | undefined;
  /** WSLAGENT_HELPER names it. */
  isChosen?: true;
};

/** What to type when this helper does not work: `usual`, or what takes the person's own choice back. */
export function helperRemedy({isChosen}: HelperCommand, usual: string): string {
  return isChosen ? takenBack() : usual;
}

/** What takes the person's own choice back, of which install told the service. */
function takenBack(): string {
  return writesToJournal() ? 'env -u WSLAGENT_HELPER wslagent install --now' : 'unset WSLAGENT_HELPER';
}

/** Where the build puts its products: beside the bundle, or dist/ when the sources run. */
export const DIST = distFolder();

/**
 * The helper to start: WSLAGENT_HELPER, else what install put on the Windows side, else the build's own
 * exe where Windows programs run, else the helper on this system's Node. Throws UserError when none is there.
 */
export async function findHelper(env: NodeJS.ProcessEnv = process.env): Promise<HelperCommand> {
  const custom = env.WSLAGENT_HELPER?.trim();
  if (custom !== undefined && custom !== '') return await fromVariable(custom);
  const installed = installedHelper(env);
  if (installed !== undefined) return program(installed, 'wslagent install --now');
  return interop().registration === undefined ? nodeHelper() : program(builtExe(), npmLine('build'));
}

/** The helper on this system's Node, for machines without Windows programs. */
export function nodeHelper(): HelperCommand {
  const script = join(DIST, 'wslagent-helper.cjs');
  mustExist(script, npmLine('build'));
  return {command: process.execPath, args: [script], cwd: undefined};
}

/** The exe that the build made for this machine's processor. */
export function builtExe(): string {
  return join(DIST, process.arch === 'arm64' ? 'wslagent-helper-arm64.exe' : 'wslagent-helper.exe');
}

/** koffi's native file, through which the helper calls Windows: the exe loads it from its own folder, by this name. */
export function libraryBeside(exe: string): string {
  return join(dirname(exe), process.arch === 'arm64' ? 'koffi-arm64.node' : 'koffi-x64.node');
}

async function fromVariable(value: string): Promise<HelperCommand> {
  if (existsSync(value)) return {...program(value, takenBack()), isChosen: true};
  const {parseCommandString} = await import('execa');
  const [command = value, ...args] = parseCommandString(value);
  if (command.includes('/')) mustExist(command, takenBack());
  return {command, args, cwd: undefined, isChosen: true};
}

function program(path: string, hint: string): HelperCommand {
  mustExist(path, hint);
  return {command: path, args: [], cwd: dirname(path)};
}

function mustExist(path: string, hint: string): void {
  let fault = 'does not exist';
  try {
    const stats = statSync(path, {throwIfNoEntry: false});
    if (stats?.isFile()) return;
    if (stats !== undefined) fault = 'is no file';
  } catch (error) {
    fault = `cannot be reached (${(error as NodeJS.ErrnoException).code})`;
  }
  throw new UserError(`the helper ${path} ${fault}`, hint, 'interop');
}

/** A command that runs a script of this clone's package.json, wherever one is. */
export function npmLine(script: string): string {
  return `npm --prefix ${shellWord(dirname(DIST))} run ${script}`;
}

function distFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  if (basename(here) === 'linux') return join(here, '..', 'dist');
  // else this is in the bundle's first file, or in one of the chunks in the folder beside that
  return existsSync(join(here, 'wslagent.mjs')) ? here : dirname(here);
}
