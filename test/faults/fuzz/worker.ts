/** Feeds batches in a thread of its own, so that an input that never ends is seen from outside. */
import {parentPort, workerData} from 'node:worker_threads';
import {type Batch, fuzz} from './engine.ts';
import {SUBJECTS} from './subjects.ts';

export type Job = {subject: number; seed: number; inputs: number};
export type Done = Batch & {job: Job; external: number};

const progress = new Int32Array(workerData as SharedArrayBuffer);

parentPort?.on('message', (job: Job) => {
  const subject = SUBJECTS[job.subject]?.subject;
  if (subject === undefined) throw new Error(`no subject ${job.subject}`);
  const batch = fuzz(subject, job.seed, job.inputs, input => Atomics.store(progress, 0, input));
  const done: Done = {...batch, job, external: process.memoryUsage().external};
  parentPort?.postMessage(done);
});
