import {recordParts} from './record.ts';

/** The targets that an installation chose because of what it found on Windows, by endpoint. Never throws. */
export function chosenTargets(env: NodeJS.ProcessEnv = process.env): ReadonlyMap<string, readonly string[]> {
  return new Map(
    recordParts(env).endpoints.flatMap(({name, targets}) =>
      targets === undefined ? [] : [[name, targets] as const],
    ),
  );
}
