import {resolve} from 'node:path';
import type {Config} from '../config/load.ts';
import {endpointNames, listEndpoint, resolveEndpoints} from '../endpoints.ts';
import {UserError} from '../errors.ts';
import {readRecord} from '../install/record.ts';

/** A socket to measure. */
export type BenchSocket = {
  /** Null for one that was given by its path. */
  endpoint: string | null;
  /** Absolute. */
  path: string;
  /** How many connections can be held, where the configuration says it, and the reason. */
  holds?: {most: number; reason: string};
};

/** Where an endpoint listens: as it was installed, else as it would be. Throws UserError for one that is not for ssh. */
export async function endpointSocket(name: string, config: Config): Promise<BenchSocket> {
  const installed = readRecord()?.endpoints.find(endpoint => endpoint.name === name);
  const endpoint = installed ?? (await resolveEndpoints([name], config))[0];
  if (endpoint === undefined) throw new Error(`no endpoint ${name}`);
  if (endpoint.protocol !== 'ssh-agent')
    throw new UserError(
      `endpoint "${name}" has the protocol ${endpoint.protocol}, in which no agent can be asked for its list of keys`,
      `one of: ${(await measurable(config)).join(', ')}`,
      'usage',
    );
  const {sharing, max} = config.helper;
  const socket = {endpoint: name, path: endpoint.listen};
  if (sharing !== 'never') return socket;
  return {...socket, holds: {most: max, reason: `helper.sharing is never, and helper.max is ${max}`}};
}

/** A socket by its path. */
export function givenSocket(path: string): BenchSocket {
  return {endpoint: null, path: resolve(path)};
}

async function measurable(config: Config): Promise<string[]> {
  const all = await Promise.all(endpointNames(config).map(name => listEndpoint(name, config)));
  return all.filter(({protocol}) => protocol === 'ssh-agent').map(({name}) => name);
}
