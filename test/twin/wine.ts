import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {run} from './run.ts';

/** The program that the kernel runs for Windows images, put there by `init.sh`. */
const interop = '/run/wslagent-twin/init';

/**
 * Starts Wine's own processes for this environment's prefix, and keeps them until the returned function has been
 * awaited. Were they left to the first program of a test, they would inherit its stdout and keep that pipe open;
 * they leave when the last program does, so one program, a `cmd.exe` that waits for input, stays for them.
 */
export async function startWine(env: Record<string, string>): Promise<() => Promise<void>> {
  const anchor = spawn(interop, ['cmd.exe'], {env, stdio: ['pipe', 'ignore', 'ignore'], detached: true});
  const gone = once(anchor, 'exit');
  anchor.stdin.on('error', () => {});
  const stop = async () => {
    anchor.stdin.end();
    await run('wineserver', ['--kill'], env, {timeout: 30_000});
    await run('wineserver', ['--wait'], env, {timeout: 30_000});
    anchor.kill('SIGKILL');
    await gone;
  };
  // ends once everything that starts with Wine has started; by its bare name, so that the desktop is among it
  const {exitCode, stderr} = await run(interop, ['cmd.exe', '/c', 'exit 0'], env);
  if (exitCode === 0) return stop;
  await stop();
  throw new Error(`Wine does not start: cmd.exe ended with ${exitCode} ${stderr.trim()}`);
}
