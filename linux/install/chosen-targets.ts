import type {Fault} from './fault.ts';
import {recordParts} from './record.ts';

/**
 * The targets that an installation chose because of what it found on Windows, by endpoint. `trouble` is why its record
 * could not be used as it is.
 */
export function chosenTargets(env: NodeJS.ProcessEnv = process.env): {
  targets: ReadonlyMap<string, readonly string[]>;
  trouble?: Fault | undefined;
} {
  const {endpoints, trouble} = recordParts(env);
  const chosen = endpoints.flatMap(({name, targets}) =>
    targets === undefined ? [] : [[name, targets] as const],
  );
  return {targets: new Map(chosen), trouble};
}
