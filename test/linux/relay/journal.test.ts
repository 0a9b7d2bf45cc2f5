import test from 'ava';
import {type ConnectionRecord, connectionLine, failureText} from '../../../linux/relay/journal.ts';

const record: ConnectionRecord = {
  name: 'ssh#12',
  answered: {target: 'pipe:openssh-ssh-agent', elapsed: 3, detail: ''},
  waited: 0,
  duration: 1234,
  bytesIn: 412,
  bytesOut: 1840,
  end: 'client closed',
  failure: undefined,
};

const LINES: [string, Partial<ConnectionRecord>, string][] = [
  [
    'the usual',
    {},
    'ssh#12: pipe:openssh-ssh-agent answered in 3 ms; 1.2 s, 412 B in, 1840 B out; client closed',
  ],
  [
    'what exactly answered, and the wait for a helper',
    {answered: {target: 'gpg:agent-socket', elapsed: 12, detail: 'C:\\x\\S.gpg-agent, port 5'}, waited: 160},
    'ssh#12: gpg:agent-socket (C:\\x\\S.gpg-agent, port 5) answered in 12 ms after 160 ms for a helper; 1.2 s, 412 B in, 1840 B out; client closed',
  ],
  [
    'nothing more exact than the target itself',
    {answered: {target: 'pipe:/run/a.sock', elapsed: 1, detail: '/run/a.sock'}},
    'ssh#12: pipe:/run/a.sock answered in 1 ms; 1.2 s, 412 B in, 1840 B out; client closed',
  ],
  [
    'no target, a failure with a hint',
    {
      answered: undefined,
      duration: 30,
      failure: {reason: 'absent', message: 'pipe:x does not exist', hint: 'start\nit'},
    },
    'ssh#12: 30 ms, 412 B in, 1840 B out; pipe:x does not exist; hint: start; hint: it',
  ],
];

for (const [title, change, line] of LINES)
  test(`a connection's line: ${title}`, t => {
    t.is(connectionLine({...record, ...change}), line);
  });

test('a failure cannot forge a line', t => {
  t.is(failureText({reason: 'gone', message: 'a\n<3>b\u001b[0m'}), 'a <3>b [0m');
});
