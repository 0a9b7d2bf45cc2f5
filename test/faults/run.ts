/** Asks questions one after another, and what a run leaves in a file. */

import {twinHasSystemd} from '../twin/twin.ts';
import type {Asked, Figures} from './figures.ts';
import type {Options} from './options.ts';
import {twinPlace} from './parts/twin.ts';
import {QUESTIONS} from './questions.ts';

export type Part = Figures & {
  name: string;
  where: 'here' | 'twin';
  seconds: number;
  quick: boolean;
  seed: number;
};

export type Run = {
  date: string;
  commit: string;
  changed: boolean;
  machine: {cpu: string; cores: number; memory: number; kernel: string};
  versions: Record<string, string>;
  parts: Part[];
  leftOut: {what: string; why: string}[];
};

export type Outcome = Pick<Run, 'parts' | 'leftOut'>;

export async function runHere(options: Options, asked: Asked): Promise<Outcome> {
  const parts: Part[] = [];
  for (const {name, here} of QUESTIONS)
    if (here !== undefined && options.only.includes(name) && !asked.signal.aborted)
      parts.push(await timed(name, 'here', asked, () => here(asked)));
  return {parts, leftOut: []};
}

/** Only inside the twin. */
export async function runInTwin(options: Options, asked: Asked): Promise<Outcome> {
  const outcome: Outcome = {parts: [], leftOut: []};
  const place = await twinPlace();
  try {
    for (const {name, twin, systemd} of QUESTIONS) {
      if (twin === undefined || !options.only.includes(name) || asked.signal.aborted) continue;
      if (systemd && !twinHasSystemd())
        outcome.leftOut.push({what: `${name} in the twin`, why: 'there is no systemd'});
      else outcome.parts.push(await timed(name, 'twin', asked, () => twin(asked, place)));
    }
  } finally {
    await place.stop();
  }
  return outcome;
}

/** A question that cannot be asked to its end is a finding, and the others are asked. */
async function timed(
  name: string,
  where: 'here' | 'twin',
  {quick, seed, report}: Asked,
  ask: () => Promise<Figures>,
) {
  const begun = performance.now();
  report(`${name} (${where})`);
  const figures = await ask().catch((error): Figures => {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {lines: [], findings: [`${name} (${where}) broke off: ${what}`]};
  });
  return {...figures, name, where, seconds: Math.round((performance.now() - begun) / 1000), quick, seed};
}
