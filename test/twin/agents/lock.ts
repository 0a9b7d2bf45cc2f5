import {once} from 'node:events';
import {mkdir} from 'node:fs/promises';
import {dirname} from 'node:path';
import {execa} from 'execa';
import {AgentsFault} from './fault.ts';

const BUSY = 75;

/**
 * Runs `work` while this process alone holds `file`. The kernel owns the lock through a `flock` child that
 * lives as long as its stdin, so it is let go however this process ends. Waits at most `waitSeconds`.
 */
export async function withLock<T>(file: string, waitSeconds: number, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), {recursive: true});
  const options = ['--exclusive', '--timeout', `${waitSeconds}`, '--conflict-exit-code', `${BUSY}`];
  const holder = execa('flock', [...options, file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    buffer: false,
    reject: false,
  });
  const refused = holder.then(result => {
    const reason =
      result.exitCode === BUSY ? `another build held it for ${waitSeconds} s` : result.originalMessage;
    throw new AgentsFault(
      `cannot lock ${file}: ${reason ?? `flock exit ${result.exitCode}`}`,
      `fuser ${file}`,
    );
  });
  try {
    await Promise.race([once(holder.stdout, 'data'), refused]);
    return await work();
  } finally {
    refused.catch(() => {});
    holder.stdin.end();
    await holder;
  }
}
