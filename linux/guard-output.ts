import {exitCode} from '../shared/exit-codes.ts';
import {systemError} from './system-error.ts';

/**
 * What cannot be written ends no command in the middle of its work: a reader that has left, as `head` does, has what it
 * wanted; a full disk below stdout is told once, and by the exit code.
 */
export function guardOutput(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || process.listenerCount('exit', failed) > 0) return;
    process.once('exit', failed);
    const told = systemError(error);
    process.stderr.write(
      `wslagent: error: what was to be written is lost: ${told?.message ?? error.message}\n`,
    );
    process.stderr.write(`wslagent: hint: ${told?.hint ?? 'df -h'}\n`);
  });
}

function failed(): void {
  process.exitCode = Number(process.exitCode ?? 0) || exitCode('failure');
}
