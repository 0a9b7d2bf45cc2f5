import type {Choice} from './choice.ts';

/** A choice for people: a line for each target, the endpoint's name before the first. */
export function choiceLines({endpoints}: Choice): string[] {
  const width = Math.max(0, ...endpoints.map(({name}) => name.length));
  return endpoints.flatMap(({name, targets, configured}) =>
    targets.map(({target, who, state}, index) => {
      const lead = index === 0 ? `${name.padEnd(width)}  <- ` : `${''.padEnd(width)}     then `;
      if (configured) return `${lead}${target} (as the configuration file says)`;
      return `${lead}${who} (${state})`;
    }),
  );
}
