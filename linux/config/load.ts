import {statSync} from 'node:fs';
import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {chosenTargets} from '../install/chosen-targets.ts';
import type {Fault} from '../install/fault.ts';
import {configFile} from '../paths.ts';
import type {ConfigFile} from './schema.ts';
import type {LOG_LEVELS, SHARING} from './words.ts';

export type Config = {
  helper: {sharing: (typeof SHARING)[number]; spares: number; max: number /** ms */; spareIdle: number};
  relay: {/** ms */ idleExit: number; logLevel: (typeof LOG_LEVELS)[number]};
  endpoints: Record<string, {listen?: string; targets?: string[]; protocol?: EndpointProtocol}>;
  /** Targets that an installation chose: for endpoints to which the file gives none. */
  chosen?: ReadonlyMap<string, readonly string[]>;
  /** Why the record of the installation could not be used as it is. */
  recordTrouble?: Fault;
};

/** The longest pause of a working day; what is kept costs memory and wakes nothing (docs/performance.md). */
const WORKING_DAY = 8 * 3_600_000;

const DEFAULTS: Omit<Config, 'endpoints' | 'chosen' | 'recordTrouble'> = {
  helper: {sharing: 'overflow', spares: 1, max: 32, spareIdle: WORKING_DAY},
  relay: {idleExit: WORKING_DAY, logLevel: 'info'},
};

/** Reads the optional configuration file and fills in the defaults. Throws UserError naming file, key and what was expected. */
export async function loadConfig(path: string = configFile()): Promise<Config> {
  const file = await readConfig(path);
  const {targets: chosen, trouble} = chosenTargets();
  return {
    helper: {
      sharing: file.helper?.sharing ?? DEFAULTS.helper.sharing,
      spares: file.helper?.spares ?? DEFAULTS.helper.spares,
      max: file.helper?.max ?? DEFAULTS.helper.max,
      spareIdle: file.helper?.spare_idle ?? DEFAULTS.helper.spareIdle,
    },
    relay: {
      idleExit: file.relay?.idle_exit ?? DEFAULTS.relay.idleExit,
      logLevel: file.relay?.log_level ?? DEFAULTS.relay.logLevel,
    },
    endpoints: (file.endpoints ?? {}) as Config['endpoints'],
    ...(chosen.size === 0 ? {} : {chosen}),
    ...(trouble === undefined ? {} : {recordTrouble: trouble}),
  };
}

async function readConfig(path: string): Promise<ConfigFile> {
  // most have no such file, and the libraries that check one take memory and time
  if (statSync(path, {throwIfNoEntry: false}) === undefined) return {};
  const [{readText}, {checkConfig}] = await Promise.all([import('./read-text.ts'), import('./check.ts')]);
  return checkConfig(path, readText(path));
}
