import {accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync} from 'node:fs';
import path from 'node:path';

const prefix = 'wslagent-twin-';

/**
 * The folder of the cgroup v2 group this process is in, or undefined without one. Reads both kinds of machine: the
 * pure one (`/sys/fs/cgroup`) and the hybrid one (`/sys/fs/cgroup/unified`), where v1 controllers are beside it.
 */
function ownCgroup(): string | undefined {
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  if (own === undefined) return undefined;
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [mount, filesystem] = line.split(' - ');
    if (!filesystem?.startsWith('cgroup2 ')) continue;
    const [, , , root, point] = mount?.split(' ') ?? [];
    if (root === undefined || point === undefined) continue;
    const folder = path.join(point, path.relative(root, own));
    if (existsSync(path.join(folder, 'cgroup.procs'))) return folder;
  }
  return undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes a cgroup and those below it. One that still holds a process stays, and that is no error. */
export function removeCgroup(folder: string): void {
  try {
    for (const entry of readdirSync(folder, {withFileTypes: true})) {
      if (entry.isDirectory()) removeCgroup(path.join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {}
}

/**
 * Makes a cgroup below our own for a process that is about to be started, and removes those whose maker was killed.
 * Undefined where this user may not: then no `systemd --user` can run inside.
 */
export function makeCgroup(): string | undefined {
  const own = ownCgroup();
  if (own === undefined) return undefined;
  try {
    // a process moves only where the group above both ends is writable too
    accessSync(path.join(own, 'cgroup.procs'), constants.W_OK);
    for (const name of readdirSync(own)) {
      if (name.startsWith(prefix) && !isRunning(Number(name.slice(prefix.length)))) {
        removeCgroup(path.join(own, name));
      }
    }
    const folder = path.join(own, `${prefix}${process.pid}`);
    mkdirSync(folder, {recursive: true});
    return folder;
  } catch {
    return undefined;
  }
}

/** Whether a user manager of this user answers, so that it can hand over a cgroup as a scope. */
export function userManagerReachable(): boolean {
  const folder = process.env.XDG_RUNTIME_DIR;
  return folder !== undefined && existsSync(path.join(folder, 'systemd/private'));
}
