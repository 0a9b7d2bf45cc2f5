import type {Asker} from './asker.ts';
import type {Throughput} from './report.ts';
import type {Subject} from './subject.ts';

/** Asks on so many connections at the same time for `ms` milliseconds, on each as soon as it is answered. */
export async function throughput(subject: Subject, connections: number, ms: number): Promise<Throughput> {
  const opened = await Promise.all(Array.from({length: connections}, () => subject.connect()));
  const askers = opened.flatMap(each => each?.asker ?? []);
  try {
    const begun = performance.now();
    const until = begun + ms;
    let requests = 0;
    const asking = async (asker: Asker) => {
      do {
        if ((await subject.ask(asker)) === undefined) return false;
        requests++;
      } while (performance.now() < until && subject.over === undefined);
      return true;
    };
    const stayed = await Promise.all(askers.map(asking));
    const elapsed = performance.now() - begun;
    const failures = connections - stayed.filter(Boolean).length;
    return {connections, requests, failures, perSecond: requests === 0 ? 0 : (requests / elapsed) * 1000};
  } finally {
    for (const asker of askers) asker.close();
  }
}
