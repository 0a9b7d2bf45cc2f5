import type {SocketReport} from './report.ts';
import {milliseconds} from './units.ts';

/** Up to here nobody feels it; up to there it is felt where many follow each other. Milliseconds. */
const UNFELT = 5;
const FELT = 50;

/** A first answer that took longer, and so many times as long as a warm one, had something to start. Milliseconds. */
const STARTED = 20;
const STARTED_TIMES = 5;

/** What the numbers mean, in lines for people; `heads` are the names of the columns, empty where there is only one. */
export function meaning(sockets: readonly SocketReport[], heads: readonly string[]): string[] {
  const lines = sockets.flatMap((report, index) => {
    const head = heads[index] ? `${heads[index]}: ` : '';
    return [...speed(report), ...faults(report)].map(line => `${head}${line}`);
  });
  if (sockets.length > 1)
    lines.push('in brackets: how many times the value of A; the sockets were measured one after another');
  if (sockets.some(({memory, held}) => memory !== null || held.some(each => each.memory !== null)))
    lines.push(
      'memory is that of who listens and of what it started; what runs on Windows is not seen from here',
    );
  if (sockets.length === 1 && sockets[0]?.endpoint !== null)
    lines.push('beside another socket, such as that of npiperelay: wslagent bench ssh --socket PATH');
  return lines;
}

function speed({endpoint, first, warm: {ms}}: SocketReport): string[] {
  if (ms === null) return [];
  const {p50} = ms;
  const once = milliseconds(first);
  const time = milliseconds(p50);
  return [
    first > Math.max(STARTED, STARTED_TIMES * p50)
      ? `the very first answer took ${once}: something had to be started, on Windows too, as after a long pause`
      : `the very first answer took ${once}, so all that it needs was running`,
    p50 < UNFELT
      ? `a connection is answered within ${time}, which is not felt`
      : p50 < FELT
        ? `a connection is answered within ${time}: not felt once, but where many follow each other`
        : `a connection is answered within ${time}, which each ssh and git command waits for${
            endpoint === null ? '' : '; in direct mode a program is started for each: wslagent status'
          }`,
  ];
}

function faults({endpoint, keys, requests, failures, reasons, leftOut}: SocketReport): string[] {
  const next = endpoint === null ? '' : '; next: wslagent status, then wslagent probe';
  return [
    ...(keys === 0 ? [`the agent lists no key: it has none, or is locked${next}`] : []),
    failures === 0
      ? `all ${requests} requests were answered`
      : `${failures} of ${requests} requests were not answered: ${reasons.join('; ')}${next}`,
    ...leftOut.map(what => `not measured: ${what}`),
  ];
}
