import {closeSync, openSync, readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import {homeDir} from '../paths.ts';
import {removeQuietly} from './replace-file.ts';

/** `.wslagent-install.BOOT.PIDS.PID.START`: which start of the machine, which pid namespace, and which process there. */
const PREFIX = '.wslagent-install.';

/** Two that come at the same moment see each other, and both step back; so often each of them comes again. */
const ATTEMPTS = 4;

/**
 * Runs `work` while no other install or uninstall of this person's runs. Each announces itself by an empty file in the
 * home folder, where nobody else can, and then looks for others: one of any two is seen. A file whose process is gone
 * counts for nothing and is taken away; its name is never used again. Throws UserError.
 */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  const folder = homeDir();
  const name = `${PREFIX}${place()}.${process.pid}.${startOf(process.pid)}`;
  const mine = join(folder, name);
  for (let left = ATTEMPTS - 1; ; left--) {
    closeSync(openSync(mine, 'wx', 0o600));
    try {
      const other = others(folder, name).at(0);
      if (other === undefined) return await work();
      if (left === 0) throw running(folder, other);
    } finally {
      removeQuietly(mine);
    }
    await sleep(20 + Math.random() * 100);
  }
}

/** Those whose process runs. Takes the files of the others away. */
function others(folder: string, mine: string): string[] {
  const names = readdirSync(folder).filter(name => name.startsWith(PREFIX) && name !== mine);
  const [dead, alive] = [names.filter(name => !isAlive(name)), names.filter(isAlive)];
  for (const name of dead) removeQuietly(join(folder, name));
  return alive;
}

/** A process of another namespace, as of a container with the same home, cannot be seen: it counts until the next start. */
function isAlive(name: string): boolean {
  const {boot, pids, pid, start} = parse(name);
  const [thisBoot, thesePids] = place().split('.');
  if (boot !== thisBoot) return false;
  return pids !== thesePids || (start !== '' && startOf(pid) === start);
}

function parse(name: string) {
  const [boot = '', pids = '', pid = '', start = ''] = name.slice(PREFIX.length).split('.');
  return {boot, pids, pid: Number(pid), start};
}

function place(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}.${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
}

/** When a process was started, in ticks since the machine was (proc(5), field 22); empty when there is none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function running(folder: string, name: string): UserError {
  const {pids, pid} = parse(name);
  const here = pids === place().split('.')[1];
  return here
    ? new UserError(
        `another wslagent install or uninstall is running (pid ${pid})`,
        'wait until it is done, then try again',
      )
    : new UserError(
        `another wslagent install or uninstall, of a container with the same home, may be running (pid ${pid} there); if none is, its file can go`,
        `rm ${shellWord(join(folder, name))}`,
      );
}
