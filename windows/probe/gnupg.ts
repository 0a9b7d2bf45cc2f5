import path from 'node:path';
import type {GnupgReport} from '../../shared/probe.ts';
import {GNUPG_SOCKETS, type GnupgSocket} from '../../shared/target.ts';
import {exists} from '../gnupg/find.ts';
import {gnupg, socketPath} from '../gnupg/place.ts';
import {run} from '../system/run.ts';
import {readAgentConfs} from './gpg-agent-conf.ts';

const VERSION_MS = 2000;

/** GnuPG as it is installed; null when there is none. Starts no daemon. */
export async function probeGnupg(): Promise<GnupgReport | null> {
  const found = await gnupg();
  if (found === undefined) return null;
  const {gpgconf, dirs} = found;
  const folders = ['sysconfdir', 'homedir'].flatMap(name => dirs.get(name) ?? []);
  const [{stdout}, switches] = await Promise.all([
    run(gpgconf, ['--version'], VERSION_MS, true),
    readAgentConfs(folders.map(folder => path.join(folder, 'gpg-agent.conf'))),
  ]);
  const names = Object.keys(GNUPG_SOCKETS) as GnupgSocket[];
  const sockets = names.map(async name => {
    const path = socketPath(dirs, name);
    return [name, {path, exists: await exists(path)}] as const;
  });
  return {
    gpgconf,
    version: /^gpgconf \(GnuPG\) (\S+)/.exec(stdout)?.[1] ?? null,
    homedir: dirs.get('homedir') ?? null,
    sockets: Object.fromEntries(await Promise.all(sockets)) as GnupgReport['sockets'],
    ...switches,
  };
}
