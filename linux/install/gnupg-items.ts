import {basename, join} from 'node:path';
import type {Item} from './item.ts';

export const GNUPG_SERVICE = 'gpg-agent.service';

/** The distribution's socket units, by the file that each listens on. */
const SOCKET_UNITS: Record<string, string> = {
  'S.gpg-agent': 'gpg-agent.socket',
  'S.gpg-agent.ssh': 'gpg-agent-ssh.socket',
  'S.gpg-agent.extra': 'gpg-agent-extra.socket',
  'S.gpg-agent.browser': 'gpg-agent-browser.socket',
};

/** All of the distribution's units that listen where GnuPG's programs look, or start an agent that does. */
export const GNUPG_UNITS = [GNUPG_SERVICE, ...Object.values(SOCKET_UNITS)];

/**
 * The units that cannot run beside sockets of ours with these paths. Where gpg itself finds its agent on
 * Windows, the whole local agent has to go; a socket beside it can be taken alone.
 */
export function unitsInTheWay(sockets: readonly string[]): string[] {
  if (replacesAgent(sockets)) return GNUPG_UNITS;
  return sockets.flatMap(path => SOCKET_UNITS[basename(path)] ?? []);
}

/** Whether gpg itself, not only a program beside it, finds its agent on Windows. */
export function replacesAgent(sockets: readonly string[]): boolean {
  return sockets.some(path => basename(path) === 'S.gpg-agent');
}

/** What goes into GnuPG's configuration. */
export const GNUPG_LINES =
  '# wslagent: gpg must not start an agent of its own, which would take the place of the one on Windows\nno-autostart\n';

export type GnupgFacts = {
  /** GnuPG's home on the Linux side. */
  homedir: string;
  /** Such as `2.4.4`. */
  version: string;
  /** The person's common.conf and gpg.conf; empty when there is none. */
  commonConf: string;
  gpgConf: string;
};

/**
 * What keeps the distribution's own gpg-agent away from sockets of ours with these paths. `facts` are needed
 * where the whole agent has to go; `note` is what the person has to know about it.
 */
export function gnupgItems(
  sockets: readonly string[],
  facts: GnupgFacts | undefined,
): {items: Item[]; note?: {text: string; hint: string}} {
  const items: Item[] = unitsInTheWay(sockets).map(unit => ({
    kind: 'mask',
    owner: 'gnupg',
    unit,
    about: unit.endsWith('.socket')
      ? 'it listens where gpg must find wslagent'
      : 'it starts an agent where gpg must find wslagent',
  }));
  if (facts === undefined) return {items};
  if (hasLine(facts.commonConf, 'use-keyboxd'))
    return {
      items,
      note: {
        text: `no-autostart is not set: ${join(facts.homedir, 'common.conf')} says use-keyboxd, and gpg has to start keyboxd`,
        hint: 'when the sockets of wslagent are stopped, gpg may start an agent of its own, which gpgconf --kill gpg-agent ends',
      },
    };
  // set by the person: it is there for good
  if (hasLine(facts.commonConf, 'no-autostart') || hasLine(facts.gpgConf, 'no-autostart')) return {items};
  const path = join(facts.homedir, noAutostartFile(facts.version));
  const about = 'gpg must not start an agent of its own';
  return {items: [...items, {kind: 'lines', owner: 'gnupg', path, mode: 0o600, lines: GNUPG_LINES, about}]};
}

/** `no-autostart` counts for all of GnuPG in common.conf since 2.3.8; before that only gpg.conf knows it. */
export function noAutostartFile(version: string): 'common.conf' | 'gpg.conf' {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(part => Number.parseInt(part, 10));
  const number = major * 1e6 + minor * 1e3 + patch;
  return number >= 2_003_008 ? 'common.conf' : 'gpg.conf';
}

/** A line of ours does not count: it is recorded, and replaced or taken back like the rest. */
function hasLine(conf: string, option: string): boolean {
  return conf
    .replace(GNUPG_LINES, '')
    .split('\n')
    .some(line => line.trim() === option);
}
