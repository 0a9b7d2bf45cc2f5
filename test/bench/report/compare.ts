/** Two runs side by side. */
import {type Figure, figures} from './figures.ts';
import type {Run} from './schema.ts';
import type {Table} from './text.ts';

/** What both runs have, with the ratio of new to old: below 1 is better for times and memory, above 1 for throughput. */
export function comparison(old: Run, now: Run): Table {
  const key = ({what, way}: Figure) => `${what}: ${way}`;
  const before = new Map(figures(old).map(figure => [key(figure), figure]));
  const rows = figures(now).flatMap(figure => {
    const was = before.get(key(figure));
    if (was === undefined || was.value === 0) return [];
    return [[key(figure), show(was), show(figure), `${(figure.value / was.value).toFixed(2)}x`]];
  });
  return {
    title: `${old.commit} (${old.date}) → ${now.commit} (${now.date})`,
    columns: ['figure', 'old', 'new', 'new/old'],
    rows,
  };
}

export function show({value, unit}: Pick<Figure, 'value' | 'unit'>): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}
