import {spawn} from 'node:child_process';
import {endings} from '../stdio/leave.ts';

/** How a program ended: its exit code (null when it was killed or could not be started), and what it printed. */
export type Ran = {code: number | null; stdout: string};

/** More than this is never kept of what a program prints, in UTF-16 units. */
const OUTPUT_MAX = 64 * 1024;

/**
 * Runs a program to its end, or kills it after `milliseconds`. Never rejects. Without `output` it gets no handle of
 * ours at all, so that a daemon it starts keeps none.
 */
export function run(program: string, args: string[], milliseconds: number, output: boolean): Promise<Ran> {
  return new Promise(resolve => {
    const child = spawn(program, args, {
      stdio: ['ignore', output ? 'pipe' : 'ignore', 'ignore'],
      windowsHide: true,
    });
    let stdout = '';
    const kill = (): boolean => child.kill('SIGKILL');
    const timer = setTimeout(kill, milliseconds);
    // What starts a daemon may finish without us.
    if (output) endings.add(kill);
    const finish = (code: number | null): void => {
      clearTimeout(timer);
      endings.delete(kill);
      child.stdout?.destroy();
      resolve({code, stdout});
    };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < OUTPUT_MAX) stdout += text;
    });
    child.once('error', () => finish(null));
    child.once(output ? 'close' : 'exit', finish);
  });
}
