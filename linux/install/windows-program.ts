import {basename, dirname} from 'node:path';
import {execa} from 'execa';
import {oneLine} from '../../shared/text.ts';
import {VERSION} from '../../shared/version.ts';
import {UserError} from '../errors.ts';
import {helperEnv} from '../relay/helper-env.ts';
import {startFailure} from '../relay/helper-failure.ts';

/**
 * WSL itself waits 10 s for Windows to answer, and a program on the Linux side takes seconds to be read from
 * there (microsoft/WSL#7591).
 */
const DEADLINE = 60_000;

/** Runs the helper exe to its end and gives its stdout. Throws UserError with the cause when it fails. */
export async function runExe(exe: string, args: readonly string[]): Promise<string> {
  const result = await execa(exe, args, {
    cwd: dirname(exe),
    env: helperEnv(process.env),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: DEADLINE,
    maxBuffer: 1024 * 1024,
  });
  if (!result.failed) return result.stdout;
  if (result.timedOut)
    throw new UserError(
      `${exe} ${args.join(' ')} took longer than ${DEADLINE / 1000} s`,
      'wsl.exe --shutdown, then try again',
      'interop',
    );
  const {message, hint} = startFailure(
    {command: exe, args: [], cwd: undefined},
    {
      code: result.code,
      message: oneLine(result.originalMessage ?? ''),
      exitCode: result.exitCode,
      signal: result.signal,
      stderr: oneLine(result.stderr),
      stray: oneLine(result.stdout),
    },
  );
  throw new UserError(message, hint === 'run: wslagent install' ? 'npm run build' : hint, 'interop');
}

/** Throws UserError unless the exe says that it is of this version. */
export async function checkVersion(exe: string): Promise<void> {
  const said = oneLine(await runExe(exe, ['--version']), 100);
  if (said.split(' ').at(-1) === VERSION) return;
  throw new UserError(`${exe} is "${said}", and this is wslagent ${VERSION}`, 'npm run build', 'interop');
}

/** The folder that Windows calls %LOCALAPPDATA%, as a Linux path. Throws UserError. */
export async function localAppData(exe: string): Promise<string> {
  const windows = probedFolder(await runExe(exe, ['probe']));
  if (windows === undefined)
    throw new UserError(`${basename(exe)} probe names no %LOCALAPPDATA%`, `'${exe}' probe`, 'interop');
  const {stdout, failed, shortMessage} = await execa('wslpath', ['-u', windows], {
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
  });
  const path = stdout?.trim() ?? '';
  if (!failed && path.startsWith('/')) return path;
  throw new UserError(
    `wslpath cannot say where ${windows} is on the Linux side${failed ? `: ${oneLine(shortMessage ?? '')}` : ''}`,
    'mount the drive: [automount] enabled=true in /etc/wsl.conf, then: wsl.exe --shutdown',
    'interop',
  );
}

function probedFolder(json: string): string | undefined {
  try {
    const found: unknown = JSON.parse(json)?.localAppData;
    return typeof found === 'string' && found !== '' ? found : undefined;
  } catch {
    return undefined;
  }
}
