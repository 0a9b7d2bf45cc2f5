import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {removeCgroup} from './cgroup.ts';
import {startJournal} from './journal.ts';
import {poll} from './poll.ts';
import {run} from './run.ts';

const cgroups = '/sys/fs/cgroup';
const start = 'echo $$ >"$1/cgroup.procs" && exec /lib/systemd/systemd --user --log-target=journal';

/**
 * Starts a real `systemd --user` for `env` in a cgroup of its own, and resolves when it has started all units. `slice`
 * is the slice that holds it, such as `user.slice/user-1000.slice`: journald reads from the path whose units these are.
 * The returned function ends the manager and every process of its units.
 */
export async function startUserManager(
  slice: string,
  env: Record<string, string>,
): Promise<{cgroup: string; stop: () => Promise<void>}> {
  const uid = process.getuid?.() ?? 0;
  await startJournal(uid);
  const cgroup = `/${slice}/user@${uid}.service`;
  const folder = path.join(cgroups, cgroup);
  mkdirSync(folder, {recursive: true});
  const child = spawn('sh', ['-c', start, 'sh', folder], {env, cwd: '/', stdio: 'ignore', detached: true});
  const gone = once(child, 'exit');
  const stop = async () => {
    await run('systemctl', ['--user', 'exit'], env, {timeout: 30_000});
    const killer = setTimeout(() => writeFileSync(path.join(folder, 'cgroup.kill'), '1'), 10_000);
    await gone;
    clearTimeout(killer);
    writeFileSync(path.join(folder, 'cgroup.kill'), '1');
    const top = path.join(cgroups, slice.split('/')[0] ?? slice);
    await poll('the last unit to end', 30_000, () => {
      removeCgroup(top);
      return !existsSync(top);
    });
  };
  try {
    const socket = path.join(env.XDG_RUNTIME_DIR ?? '', 'systemd/private');
    await poll('systemd --user', 30_000, () => {
      if (child.exitCode !== null) throw new Error(`systemd --user ended with ${child.exitCode}`);
      return existsSync(socket);
    });
    const {stdout, stderr} = await run('systemctl', ['--user', 'is-system-running', '--wait'], env);
    if (!/^(running|degraded)$/.test(stdout.trim())) throw new Error(`systemd --user: ${stdout}${stderr}`);
    return {cgroup, stop};
  } catch (error) {
    await stop();
    throw error;
  }
}
