import {setTimeout as sleep} from 'node:timers/promises';
import {execa} from 'execa';
import {oneLine} from '../shared/text.ts';
import {UserError} from './errors.ts';
import type {HelperCommand} from './helper-command.ts';
import {helperEnv} from './relay/helper-env.ts';
import {startFailure} from './relay/helper-failure.ts';

/**
 * WSL itself waits 10 s for Windows to answer, and a program on the Linux side takes seconds to be read from
 * there (microsoft/WSL#7591).
 */
const DEADLINE = 60_000;

/** After it has ended its last output is in the pipe already; somebody that it started may hold the pipe open, in milliseconds. */
const OUTPUT_GRACE = 1000;

/** How long after a start that went wrong the next is tried, in milliseconds. */
const AGAIN_MS = 300;

/**
 * Runs one verb of the helper, which only asks, to its end and gives its stdout. Throws UserError with the cause when
 * it fails, or has not ended after `deadline` milliseconds.
 */
export async function runHelper(
  helper: HelperCommand,
  args: readonly string[],
  deadline: number = DEADLINE,
): Promise<string> {
  const {command} = helper;
  let result = await runOnce(helper, args, deadline);
  if (neverSpoke(result)) {
    await sleep(AGAIN_MS);
    result = await runOnce(helper, args, deadline);
  }
  if (!result.failed) return result.stdout;
  if (result.timedOut)
    throw new UserError(
      `${command} ${args.join(' ')} took longer than ${deadline / 1000} s`,
      'wsl.exe --shutdown',
      'interop',
    );
  const {message, hint} = startFailure(helper, {
    code: result.code,
    message: oneLine(result.originalMessage ?? ''),
    exitCode: result.exitCode,
    signal: result.signal,
    stderr: oneLine(result.stderr),
    stray: oneLine(result.stdout),
  });
  throw new UserError(message, hint, 'interop');
}

type Run = Awaited<ReturnType<typeof runOnce>>;

async function runOnce({command, args, cwd}: HelperCommand, verb: readonly string[], deadline: number) {
  const running = execa(command, [...args, ...verb], {
    env: helperEnv(process.env),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    // one that ignores SIGTERM, or is stopped, gets SIGKILL five seconds later
    timeout: deadline,
    maxBuffer: 1024 * 1024,
    ...(cwd === undefined ? {} : {cwd}),
  });
  const {nodeChildProcess: child} = running;
  let grace: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    grace = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, OUTPUT_GRACE);
  });
  try {
    return await running;
  } finally {
    clearTimeout(grace);
  }
}

/**
 * Whether it ended before a line of the helper was heard: on a busy machine one start of some hundreds does, and
 * /init leaves so when Windows does not answer it (microsoft/WSL#8846).
 */
function neverSpoke({failed, code, timedOut, stdout, stderr}: Run): boolean {
  if (timedOut || code !== undefined) return false;
  return failed ? !stderr.includes('wslagent-helper: ') : stdout === '';
}
