import type {Asker} from './asker.ts';
import type {Timed} from './report.ts';
import {FAILURES_MAX, type Subject} from './subject.ts';
import {summarize} from './summary.ts';

/** At most `count` samples, and none that begins after `ms` milliseconds. */
export type Extent = {count: number; ms: number};

/** Connections one after another, from connect to answer. */
export function visits(subject: Subject, extent: Extent): Promise<Timed> {
  return sequence(subject, extent, () => subject.visit());
}

/** Requests one after another on one connection, which is made anew when it was lost. */
export async function furtherRequests(subject: Subject, extent: Extent): Promise<Timed> {
  let asker: Asker | undefined;
  try {
    return await sequence(subject, extent, async () => {
      asker ??= (await subject.connect())?.asker;
      if (asker === undefined) return undefined;
      const elapsed = await subject.ask(asker);
      if (elapsed === undefined) asker = undefined;
      return elapsed;
    });
  } finally {
    asker?.close();
  }
}

/** Takes one sample after another; one that is undefined has failed. */
async function sequence(
  subject: Subject,
  {count, ms}: Extent,
  take: () => Promise<number | undefined>,
): Promise<Timed> {
  const until = performance.now() + ms;
  const samples: number[] = [];
  let failures = 0;
  do {
    const sample = await take();
    if (sample === undefined) failures++;
    else samples.push(sample);
  } while (
    samples.length < count &&
    failures < FAILURES_MAX &&
    performance.now() < until &&
    subject.over === undefined
  );
  return {failures, ms: samples.length === 0 ? null : summarize(samples)};
}
