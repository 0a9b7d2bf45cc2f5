import {spawn} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {poll} from './poll.ts';
import {run} from './run.ts';

const folder = '/run/systemd/journal';
const pidFile = '/run/wslagent-twin/journald';

/** Memory only, without the machine's kernel and audit messages, and nothing dropped. */
const settings = `[Journal]
Storage=volatile
ReadKMsg=no
Audit=no
RateLimitIntervalSec=0
RuntimeMaxUse=64M
`;

/**
 * Starts the real journald, once per namespace; it stays until the namespace ends. With a volatile journal all users
 * share one file, and root never has one of its own, so `journalctl --user` is given its file as a link to that one.
 */
export async function startJournal(uid: number): Promise<void> {
  try {
    mkdirSync('/run/systemd/system', {recursive: true});
    mkdirSync('/run/log/journal', {recursive: true});
    mkdirSync('/run/systemd/journald.conf.d', {recursive: true});
    writeFileSync('/run/systemd/journald.conf.d/twin.conf', settings, {flag: 'wx'});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await poll('the journal of the other twin', 30_000, () => existsSync(pidFile));
    return;
  }
  const child = spawn('/lib/systemd/systemd-journald', [], {stdio: 'ignore', detached: true, env: {}});
  child.unref();
  const file = `/run/log/journal/${readFileSync('/etc/machine-id', 'utf8').trim()}/system.journal`;
  await poll('the journal', 30_000, () => existsSync(`${folder}/stdout`) && existsSync(file));
  symlinkSync('system.journal', file.replace('system', `user-${uid}`));
  writeFileSync(pidFile, String(child.pid));
}

function syncedAt(): number {
  return statSync(`${folder}/synced`, {throwIfNoEntry: false})?.mtimeMs ?? 0;
}

/**
 * The lines that `unit` of the user manager in `cgroup` wrote, oldest first, including what the manager said of it.
 * First journald is made to take in all that was written so far: SIGRTMIN+1, because `journalctl --sync` is root's.
 * As on a real machine, what a process says right before it ends may be missing: journald looks up the unit later.
 */
export async function readJournal(
  unit: string,
  cgroup: string,
  env: Record<string, string>,
): Promise<string[]> {
  const before = syncedAt();
  process.kill(Number(readFileSync(pidFile, 'utf8')), 35);
  await poll('the journal to be written', 30_000, () => syncedAt() > before);
  const {stdout} = await run('journalctl', ['--user', '--unit', unit, '--output', 'json'], env);
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as {MESSAGE: string; _SYSTEMD_CGROUP?: string})
    .filter(entry => entry._SYSTEMD_CGROUP?.startsWith(`${cgroup}/`))
    .map(entry => entry.MESSAGE);
}
