/*
 * Runs one command inside namespaces of its own: user, mount, pid, ipc and cgroup. Whatever is mounted, registered
 * or started in there is private to it and gone with it, also when this process is killed.
 *
 *   node test/twin/enter.ts [--] COMMAND [ARG…]
 *
 * This process → sh and then unshare, the same pid → init.sh, pid 1 inside → the command.
 * Descriptor 3 joins this process and init.sh: first it says that the namespaces are there, so that root can write
 * the id maps; then it carries the signals that came in here; its end, however this process ended, makes pid 1 leave,
 * and the kernel kills all that is left inside.
 */
import {spawn} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {constants} from 'node:os';
import type {Duplex} from 'node:stream';
import {isatty} from 'node:tty';
import {fileURLToPath} from 'node:url';
import {makeCgroup, removeCgroup, userManagerReachable} from './cgroup.ts';
import {findProgram} from './programs.ts';

const init = fileURLToPath(new URL('init.sh', import.meta.url));

/** Joins cgroup $1, if any, and goes on as the rest; what a terminal sends to everybody is left to the command. */
const join =
  'trap "" HUP INT QUIT TERM; [ -z "$1" ] || echo $$ >"$1/cgroup.procs" || exit 125; shift; exec "$@"';

/** Waits for the id maps. It is an exec with a mapped id that gives root its capabilities inside. */
const handshake = 'echo ready >&3 && read -r _ <&3 && exec sh "$0" "$@"';

/** Maps each id that exists here to itself: a single range on a usual machine, several in a container. */
function mapIds(pid: number | undefined): void {
  for (const kind of ['uid_map', 'gid_map']) {
    const ranges = readFileSync(`/proc/self/${kind}`, 'utf8').trim().split('\n');
    const same = ranges
      .map(range => range.trim().split(/\s+/))
      .map(([inside, , count]) => [inside, inside, count].join(' '));
    writeFileSync(`/proc/${pid}/${kind}`, same.join('\n'));
  }
}

/**
 * Runs `command` in fresh namespaces with our stdio and resolves with its exit code, 128 + n for signal n, 125 when
 * the namespaces could not be made (stderr says why).
 */
export async function enter(command: readonly string[]): Promise<number> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const cgroup = makeCgroup();
  const scope =
    cgroup === undefined && userManagerReachable()
      ? ['systemd-run', '--user', '--scope', '--quiet', '--collect', '--property=Delegate=yes', '--']
      : [];
  const child = spawn(
    'sh',
    [
      ...['-c', join, 'sh', cgroup ?? '', ...scope, 'unshare'],
      ...['--user', ...(uid === 0 ? [] : ['--map-root-user']), '--mount', '--pid', '--ipc', '--cgroup'],
      ...['--fork', '--kill-child', '--mount-proc', 'sh', '-c', handshake, init],
      ...['3', String(uid), String(gid), findProgram('wine') ?? 'wine', ...command],
    ],
    {stdio: ['inherit', 'inherit', 'inherit', 'pipe']},
  );
  const control = child.stdio[3] as Duplex;
  control.on('error', () => {});
  // with a terminal, the terminal itself sends these two to everybody in the foreground; process.stdin would make the
  // command's stdin non-blocking
  const fromTerminal = isatty(0) ? (['SIGINT', 'SIGQUIT'] as const) : [];
  const forwarded = (['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const).map(signal => {
    const listener = () => {
      if (!fromTerminal.some(name => name === signal)) control.write(`${signal.slice(3)}\n`);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
      control.once('data', () => {
        try {
          if (uid === 0) mapIds(child.pid);
          control.write('go\n');
        } catch (error) {
          // the end of the descriptor ends what waits inside
          control.destroy();
          reject(error);
        }
      });
    });
  } finally {
    for (const stop of forwarded) stop();
    control.destroy();
    if (cgroup !== undefined) removeCgroup(cgroup);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const command = process.argv.slice(process.argv[2] === '--' ? 3 : 2);
  if (command.length === 0) {
    console.error('usage: node test/twin/enter.ts [--] command [argument…]');
    process.exitCode = 2;
  } else {
    process.exitCode = await enter(command);
  }
}
