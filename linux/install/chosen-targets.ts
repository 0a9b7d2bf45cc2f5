import {readRecord} from './record.ts';

/**
 * The targets that an installation chose because of what it found on Windows, by endpoint. Throws UserError when the
 * record cannot be understood.
 */
export function chosenTargets(env: NodeJS.ProcessEnv = process.env): ReadonlyMap<string, readonly string[]> {
  const endpoints = readRecord(env)?.endpoints ?? [];
  return new Map(
    endpoints.flatMap(({name, targets}) => (targets === undefined ? [] : [[name, targets] as const])),
  );
}
