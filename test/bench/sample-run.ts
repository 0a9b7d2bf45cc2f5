/** A small run for the tests of what is made of runs. */
import {summarize} from '../../linux/bench/summary.ts';
import {FORMAT, type Memory, type Result, type Run} from './report/schema.ts';

const MIB = 1024 ** 2;

export function memory(processes: number, mebibytes: number): Memory {
  return {processes, pss: 3 * mebibytes * MIB, anonymous: 2 * mebibytes * MIB, own: mebibytes * MIB};
}

/** Of each kind one result, of a way that is so many times as slow and large as another. */
export function resultsOf(way: string, times: number): Result[] {
  const of = {server: 'nothing', way} as const;
  const ms = summarize([1, 2, 3].map(value => value * times));
  const checkpoint = (connections: number) => ({
    connections,
    memory: memory(2, times),
    wineserver: memory(1, 5),
    descriptors: 40,
  });
  return [
    {question: 'first', ...of, ms, failures: 0},
    {question: 'burst', ...of, size: 20, ms, failures: 1, connections: 60},
    {
      question: 'held',
      ...of,
      size: 20,
      failures: 0,
      linux: memory(1, times),
      windows: memory(1, 3 * times),
      wineserver: memory(1, 5),
      ms,
      newFailures: 0,
    },
    {
      question: 'stream',
      ...of,
      direction: 'in',
      write: 65_536,
      channels: 1,
      mebibytesPerSecond: 100 / times,
      blocks: 3,
      cpu: {linux: times, windows: times, wineserver: 1},
    },
    {
      question: 'long',
      ...of,
      connections: 10_000,
      failures: 0,
      checkpoints: [checkpoint(0), checkpoint(10_000)],
      grows: [],
    },
  ];
}

export function sampleRun(change: Partial<Run> = {}): Run {
  return {
    format: FORMAT,
    date: '2026-01-02T03:04:05.000Z',
    commit: 'abcdef012',
    changed: false,
    flags: ['--only=first'],
    quick: false,
    machine: {cpu: 'Slow & Steady', cores: 2, memory: 8 * 1024 * MIB, kernel: '6.18.0'},
    versions: {wslagent: '0.1.0', wine: '8.0'},
    seconds: 60,
    leftOut: [{what: 'plain', why: 'socat is not installed'}],
    results: [...resultsOf('wslagent', 1), ...resultsOf('npiperelay', 10)],
    ...change,
  };
}
