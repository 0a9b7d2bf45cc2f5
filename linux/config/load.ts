import {readFileSync} from 'node:fs';
import {parse, TomlError} from 'smol-toml';
import * as v from 'valibot';
import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {UserError} from '../errors.ts';
import {chosenTargets} from '../install/chosen-targets.ts';
import {configFile} from '../paths.ts';
import {type ConfigFile, configSchema, type LOG_LEVELS, type SHARING} from './schema.ts';

export type Config = {
  helper: {sharing: (typeof SHARING)[number]; spares: number; max: number /** ms */; spareIdle: number};
  relay: {/** ms */ idleExit: number; logLevel: (typeof LOG_LEVELS)[number]};
  endpoints: Record<string, {listen?: string; targets?: string[]; protocol?: EndpointProtocol}>;
  /** Targets that an installation chose: for endpoints to which the file gives none. */
  chosen?: ReadonlyMap<string, readonly string[]>;
};

const DEFAULTS: Omit<Config, 'endpoints' | 'chosen'> = {
  helper: {sharing: 'overflow', spares: 1, max: 32, spareIdle: 10 * 60_000},
  relay: {idleExit: 15 * 60_000, logLevel: 'info'},
};

/** A configuration file far beyond what a person writes is refused before it is parsed, in bytes. */
const FILE_MAX = 1024 * 1024;

/** Reads the optional configuration file and fills in the defaults. Throws UserError naming file, key and what was expected. */
export function loadConfig(path: string = configFile()): Config {
  const file = readConfig(path);
  const chosen = chosenTargets();
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
  };
}

function readConfig(path: string): ConfigFile {
  const text = readText(path);
  if (text === undefined) return {};
  const result = v.safeParse(configSchema, parseToml(path, text), {abortEarly: true});
  if (result.success) return result.output;
  const issue = result.issues[0];
  const key = v.getDotPath(issue) ?? '';
  const message =
    issue.type === 'strict_object' && issue.expected === 'never' ? 'is not a known key' : issue.message;
  throw configError(`${path}: ${key}: ${message}`);
}

function readText(path: string): string | undefined {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > FILE_MAX) throw configError(`${path}: larger than ${FILE_MAX} bytes`);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw configError(`${path}: ${(error as Error).message}`);
  }
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw configError(`${path}: line ${error.line}, column ${error.column}: ${reason}`);
  }
}

function configError(message: string): UserError {
  return new UserError(
    message,
    'mend the file; docs/configuration.md lists every key with an example',
    'config',
  );
}
