import {UserError} from '../errors.ts';
import type {Applying, Outcome} from './applying.ts';
import {GNUPG_SERVICE} from './gnupg-items.ts';
import {mustSystemctl, systemctl} from './systemctl.ts';
import {RELAY_SERVICE} from './units.ts';

/** How often sockets are tried to start while clients of others keep starting the relay. */
const STARTS = 3;

export async function tellSystemd(args: readonly string[], {offline}: Applying): Promise<Outcome> {
  const [verb] = args;
  if (offline) {
    if (verb !== 'disable') return 'nothing';
    const {ok, reason} = await systemctl(
      args.filter(arg => arg !== '--now'),
      {offline},
    );
    if (!ok) throw new UserError(`systemctl --user ${args.join(' ')} failed: ${reason}`);
    return 'done';
  }
  // systemd starts no socket of a service that runs, and a client may have started it meanwhile
  for (let left = STARTS; verb === 'enable' && left > 1; left--) {
    if ((await systemctl(args)).ok) return 'done';
    await systemctl(['stop', RELAY_SERVICE]);
  }
  // a unit that systemd forgets by itself in this moment leaves nothing to be forgotten
  await mustSystemctl(args, verb === 'reset-failed' ? / not loaded\.?$/ : undefined);
  return 'done';
}

export async function unmask(unit: string, {offline}: Applying): Promise<Outcome> {
  const {ok, reason} = await systemctl(['unmask', unit], {offline});
  if (ok) return 'done';
  throw new UserError(`cannot unmask ${unit}: ${reason}`, `systemctl --user unmask ${unit}`);
}

/** One that does not start is no reason to leave the rest as it is. */
export async function startAgain(unit: string, {offline, warn}: Applying): Promise<Outcome> {
  if (offline) return 'nothing';
  const first = await systemctl(['start', unit]);
  if (first.ok) return 'done';
  // a socket does not start while the service that it belongs to runs, as with an agent beside our socket
  await systemctl(['stop', GNUPG_SERVICE]);
  const {ok, reason} = await systemctl(['start', unit]);
  if (ok) return 'done';
  warn(`${unit} ran before and does not start: ${reason}`);
  return 'nothing';
}
