/** Threads that feed batches, watched: one that hangs or takes too much memory is a finding, not the end of the run. */
import {join} from 'node:path';
import {Worker} from 'node:worker_threads';
import type {Batch} from './engine.ts';
import {SUBJECTS} from './subjects.ts';
import type {Done, Job} from './worker.ts';

const WORKER = join(import.meta.dirname, 'worker.ts');

/** One input takes microseconds; an hour's pause of the machine is not ours. */
const HANGS_MS = 30_000;
const HEAP_MIB = 256;
const EXTERNAL_MAX = 256 * 1024 * 1024;

/** Does the jobs on so many threads; gives what came of each, in no order. */
export async function feedAll(
  jobs: readonly Job[],
  threads: number,
  signal: AbortSignal,
  done: (job: Job, batch: Batch) => void,
): Promise<void> {
  const left = [...jobs];
  await Promise.all(
    Array.from({length: threads}, async () => {
      for (let job = left.shift(); job !== undefined && !signal.aborted; job = left.shift())
        done(job, await feed(job, signal));
    }),
  );
}

function feed(job: Job, signal: AbortSignal): Promise<Batch> {
  const shared = new SharedArrayBuffer(4);
  const progress = new Int32Array(shared);
  const worker = new Worker(WORKER, {
    workerData: shared,
    resourceLimits: {maxOldGenerationSizeMb: HEAP_MIB},
  });
  return new Promise(resolve => {
    const end = (batch: Partial<Batch>) => {
      clearInterval(watch);
      signal.removeEventListener('abort', abort);
      resolve({inputs: Atomics.load(progress, 0), units: 0, words: 0, ...batch});
      void worker.terminate();
    };
    const which = () =>
      `${SUBJECTS[job.subject]?.subject.name}: input ${Atomics.load(progress, 0)} of seed ${job.seed}`;
    let last = -1;
    const watch = setInterval(() => {
      const now = Atomics.load(progress, 0);
      if (now === last) end({broken: `${which()} takes more than ${HANGS_MS / 1000} s`});
      last = now;
    }, HANGS_MS);
    const abort = () => end({});
    signal.addEventListener('abort', abort);
    worker.on('error', error => end({broken: `${which()}: ${error.stack ?? error.message}`}));
    worker.on('message', ({external, ...batch}: Done) => {
      const much = `${which()}: ${external} bytes are held afterwards`;
      end(external > EXTERNAL_MAX ? {...batch, broken: batch.broken ?? much} : batch);
    });
    worker.postMessage(job);
  });
}
