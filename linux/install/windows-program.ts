import {delimiter, dirname} from 'node:path';
import {execa} from 'execa';
import type {ProbeReport} from '../../shared/probe.ts';
import {oneLine} from '../../shared/text.ts';
import {VERSION} from '../../shared/version.ts';
import {UserError} from '../errors.ts';
import {npmLine} from '../helper-command.ts';
import {runHelper} from '../run-helper.ts';

/** A link to /init that WSL makes anew at each start. */
const WSLPATH_FOLDER = '/usr/bin';

/** A target where nobody is and nobody is asked: only the rest of the report is wanted. */
const NOBODY = 'assuan:C:\\wslagent\\nobody';

/** Throws UserError unless the exe runs and is of this version. */
export async function checkVersion(exe: string): Promise<void> {
  const [, version] = (await run(exe, ['--version'])).split(' ');
  sameVersion(exe, version);
}

/** The folder that Windows calls %LOCALAPPDATA%, as a Linux path. Checks the exe's version too. Throws UserError. */
export async function localAppData(exe: string): Promise<string> {
  return localAppDataOf(await askWindows(exe, ['--target', NOBODY]));
}

/** What an exe reports of the Windows side, with an eye on its version. Throws UserError. */
export async function askWindows(exe: string, args: readonly string[] = []): Promise<ProbeReport> {
  const report = parse(await run(exe, ['probe', ...args]));
  sameVersion(exe, report.version);
  return report as ProbeReport;
}

/** %LOCALAPPDATA% of a report, as a Linux path. Throws UserError. */
export async function localAppDataOf({localAppData}: ProbeReport): Promise<string> {
  if (localAppData !== null && localAppData !== '') return await toLinux(localAppData);
  throw new UserError('Windows has no %LOCALAPPDATA%', 'wslagent probe --json', 'interop');
}

async function run(exe: string, args: readonly string[]): Promise<string> {
  try {
    return await runHelper({command: exe, args: [], cwd: dirname(exe)}, args);
  } catch (error) {
    // the exe comes from the build: installing it is what is being tried
    if (error instanceof UserError && error.hint?.includes('wslagent install'))
      throw new UserError(error.message, npmLine('build'), error.exit);
    throw error;
  }
}

function sameVersion(exe: string, version: unknown): void {
  if (version === VERSION) return;
  const said = typeof version === 'string' ? `version ${oneLine(version, 100)}` : 'no helper of wslagent';
  throw new UserError(`${exe} is ${said}, and this is wslagent ${VERSION}`, npmLine('build'), 'interop');
}

/** A report of our version is whole; of any other only the version matters. */
function parse(json: string): Partial<ProbeReport> {
  try {
    return JSON.parse(json) ?? {};
  } catch {
    return {};
  }
}

async function toLinux(windows: string): Promise<string> {
  const {stdout, failed, shortMessage, code} = await execa('wslpath', ['-u', windows], {
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
    // an empty part of PATH is the folder where we are
    env: {PATH: [process.env.PATH, WSLPATH_FOLDER].filter(Boolean).join(delimiter)},
  });
  const path = stdout?.trim() ?? '';
  if (!failed && path.startsWith('/')) return path;
  if (code === 'ENOENT')
    throw new UserError(
      `wslpath is neither on PATH nor in ${WSLPATH_FOLDER}, where WSL puts it when it starts`,
      'wsl.exe --shutdown',
      'interop',
    );
  throw new UserError(
    `wslpath does not say where ${windows} is on the Linux side${failed ? `: ${oneLine(shortMessage ?? '')}` : ''}`,
    'write enabled=true below [automount] into /etc/wsl.conf\nwsl.exe --shutdown',
    'interop',
  );
}
