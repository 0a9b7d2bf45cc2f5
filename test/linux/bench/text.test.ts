import test from 'ava';
import type {SocketReport} from '../../../linux/bench/report.ts';
import {summarize} from '../../../linux/bench/summary.ts';
import {benchText} from '../../../linux/bench/text.ts';

const MB = 1_000_000;

const OURS: SocketReport = {
  endpoint: 'ssh',
  socket: '/run/user/1000/wslagent/ssh.sock',
  keys: 3,
  first: 412.3,
  second: {failures: 0, ms: summarize([0.4, 0.5])},
  warm: {failures: 0, ms: summarize([0.9, 0.95, 1.9])},
  throughput: [
    {connections: 1, requests: 800, failures: 0, perSecond: 2000.4},
    {connections: 8, requests: 800, failures: 0, perSecond: 8000},
  ],
  bursts: [
    {connections: 1, rounds: 5, failures: 0, ms: summarize([1])},
    {connections: 50, rounds: 5, failures: 0, ms: summarize([20])},
  ],
  memory: {pid: 7, program: 'node', pss: 40 * MB, started: {processes: 2, pss: 5 * MB}},
  held: [
    {
      connections: 20,
      failures: 0,
      fresh: {failures: 0, ms: summarize([1])},
      memory: {pid: 7, program: 'node', pss: 45 * MB, started: {processes: 2, pss: 5 * MB}},
    },
  ],
  requests: 900,
  failures: 0,
  reasons: [],
  leftOut: [],
};

const OTHER: SocketReport = {
  ...OURS,
  endpoint: null,
  socket: '/home/ada/agent.sock',
  keys: 1,
  first: 21,
  warm: {failures: 2, ms: summarize([20.7])},
  throughput: [{connections: 1, requests: 40, failures: 0, perSecond: 100}],
  bursts: [
    {connections: 1, rounds: 5, failures: 0, ms: summarize([20])},
    {connections: 20, rounds: 2, failures: 12, ms: null},
  ],
  memory: null,
  held: [],
  requests: 500,
  failures: 14,
  reasons: ['the connection was closed without an answer'],
  leftOut: ['memory: systemd listens, and starts a program for each connection'],
};

test('one socket', t => {
  t.is(
    benchText({version: '0.1.0', sockets: [OURS]}),
    `ssh, /run/user/1000/wslagent/ssh.sock, 3 keys

very first answer                      412 ms
connect to answer, p50 / p90 / p99     0.95 / 1.9 / 1.9 ms
one more request, p50 / p90 / p99      0.40 / 0.50 / 0.50 ms
1 at once, all answered after          1.0 ms
50 at once, all answered after         20 ms
requests per second on 1 connection    2000
requests per second on 8 connections   8000
memory on the Linux side               45.0 MB in 3 processes
20 held: memory                        50.0 MB in 3 processes
20 held: a new one, p50 / p90 / p99    1.0 / 1.0 / 1.0 ms

the very first answer took 412 ms: something had to be started, on Windows too, as after a long pause
a connection is answered within 0.95 ms, which is not felt
all 900 requests were answered
memory is that of who listens and of what it started; what runs on Windows is not seen from here
beside another socket, such as that of npiperelay: wslagent bench ssh --socket PATH
`,
  );
});

test('two sockets beside each other, with ratios, what was lost, and what was left out', t => {
  t.is(
    benchText({version: '0.1.0', sockets: [OURS, OTHER]}),
    `A  ssh, /run/user/1000/wslagent/ssh.sock, 3 keys
B  /home/ada/agent.sock, 1 key

                                       A                        B
very first answer                      412 ms                   21 ms (0.05×)
connect to answer, p50 / p90 / p99     0.95 / 1.9 / 1.9 ms      21 / 21 / 21 ms, 2 lost (22×)
one more request, p50 / p90 / p99      0.40 / 0.50 / 0.50 ms    0.40 / 0.50 / 0.50 ms (1.0×)
1 at once, all answered after          1.0 ms                   20 ms (20×)
20 at once, all answered after         –                        12 of 40 lost
50 at once, all answered after         20 ms                    –
requests per second on 1 connection    2000                     100 (0.05×)
requests per second on 8 connections   8000                     –
memory on the Linux side               45.0 MB in 3 processes   –
20 held: memory                        50.0 MB in 3 processes   –
20 held: a new one, p50 / p90 / p99    1.0 / 1.0 / 1.0 ms       –

A: the very first answer took 412 ms: something had to be started, on Windows too, as after a long pause
A: a connection is answered within 0.95 ms, which is not felt
A: all 900 requests were answered
B: the very first answer took 21 ms, so all that it needs was running
B: a connection is answered within 21 ms: not felt once, but where many follow each other
B: 14 of 500 requests were not answered: the connection was closed without an answer
B: not measured: memory: systemd listens, and starts a program for each connection
in brackets: how many times the value of A; the sockets were measured one after another
memory is that of who listens and of what it started; what runs on Windows is not seen from here
`,
  );
});

test('what is wrong with an endpoint names the next commands', t => {
  const slow = {
    ...OURS,
    keys: 0,
    failures: 3,
    reasons: ['no answer within 5 s'],
    warm: {failures: 0, ms: summarize([180])},
  };
  const text = benchText({version: '0.1.0', sockets: [slow]});
  t.regex(text, /answered within 180 ms, which each ssh and git command waits for; in direct mode/);
  t.regex(text, /lists no key: it has none, or is locked; next: wslagent status, then wslagent probe/);
  t.regex(text, /3 of 900 requests were not answered: no answer within 5 s; next: wslagent status/);
  const none = {...OURS, warm: {failures: 10, ms: null}};
  t.regex(benchText({version: '0.1.0', sockets: [none]}), /connect to answer.* none of 10 answered\n/);
});
