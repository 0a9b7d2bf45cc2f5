/** All that an installation could leave behind, as lines that can be compared. */
import {createHash} from 'node:crypto';
import {existsSync, lstatSync, readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import type {Twin} from '../twin.ts';

/** A folder with everything below it: path, type, mode, and a link's target or a file's sha256. */
export function tree(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'});
  return ['', ...names].sort().map(name => {
    const path = join(folder, name);
    const stats = lstatSync(path);
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) return `${path} link ${readlinkSync(path)}`;
    if (stats.isDirectory()) return `${path} folder ${mode}`;
    if (!stats.isFile()) return `${path} other ${mode}`;
    return `${path} file ${mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  });
}

/** Home, Windows side, sockets, and what the user manager knows: its unit files, units and environment. */
export async function userState(twin: Twin): Promise<string[]> {
  const ask = async (...args: string[]) => {
    const {stdout} = await twin.run('systemctl', ['--user', '--no-pager', '--plain', '--no-legend', ...args]);
    return stdout.split('\n').map(line => line.trim().replace(/\s+/g, ' '));
  };
  const units = await ask('list-units', '--all', '--full');
  return [
    ...tree(twin.home),
    ...tree(join(twin.localAppData.linux, 'wslagent')),
    // the manager's own files there come and go with its units
    ...tree(twin.runtimeDir).filter(line => !line.startsWith(join(twin.runtimeDir, 'systemd'))),
    ...(await ask('list-unit-files', '--full')),
    // unit, load state, active state, sub state; mounts and devices are the machine's, and others change them
    ...units
      .filter(line => !/^\S+\.(mount|device) /.test(line))
      .map(line => line.split(' ').slice(0, 4).join(' ')),
    ...(await ask('show-environment')),
  ];
}

/** Lines that only one of two states has, marked with - and +. */
export function difference(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...before.filter(line => !after.includes(line)).map(line => `- ${line}`),
    ...after.filter(line => !before.includes(line)).map(line => `+ ${line}`),
  ];
}
