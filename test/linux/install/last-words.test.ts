import test from 'ava';
import {type JournalLine, parseLines} from '../../../linux/install/journal-lines.ts';
import {startFailure, wordsOfInstances, wordsOfRelay} from '../../../linux/install/last-words.ts';
import {type ConnectionRecord, connectionLine, newRecord} from '../../../linux/relay/journal.ts';

const FAILED = 'd9b373ed55a64feb8242e02dbe79a49c';
const STARTED = '39f53479d3a045ac8e11786248231fbf';
const SINCE = new Map([
  ['ssh', 100],
  ['gpg', 100],
]);

/** Lines in the order in which they were written, as they are read: newest first. */
function journal(...lines: (Partial<JournalLine> & {message: string})[]): JournalLine[] {
  const usual = {unit: 'wslagent.service', priority: 6, id: ''};
  return lines
    .map((line, index) => ({...usual, at: 1000 + index, monotonic: 200 + index, ...line}))
    .toReversed();
}

function connection(change: Partial<ConnectionRecord>, name = 'ssh#1'): string {
  return connectionLine({...newRecord(name), bytesIn: 5, bytesOut: 5, ...change});
}

const answered = {target: 'pipe:a', elapsed: 3, detail: ''};
const absent = {
  reason: 'absent',
  message: 'pipe a does not exist',
  hint: 'start it\nwslagent probe',
} as const;

test('the last line about a connection decides, as the relay writes it', t => {
  const good = {message: connection({answered})};
  const bad = {message: connection({failure: absent}, 'ssh#2'), priority: 4};
  const failed = {served: false, reason: 'pipe a does not exist', hint: 'start it\nwslagent probe'} as const;
  t.deepEqual([...wordsOfRelay(journal(good, bad), SINCE)], [['ssh', {at: 1001, monotonic: 201, ...failed}]]);
  t.deepEqual(
    [...wordsOfRelay(journal(bad, good), SINCE)],
    [['ssh', {at: 1001, monotonic: 201, served: true}]],
  );
  const broken = {message: connection({answered, failure: {reason: 'gone', message: 'x'}}), priority: 4};
  t.like(wordsOfRelay(journal(good, broken), SINCE).get('ssh'), {served: false, reason: 'x'});
});

test('a client that asked nothing is no word, nor is one of before the socket listened, nor what another unit says', t => {
  const idle = {message: connection({bytesIn: 0, bytesOut: 0})};
  const old = {message: connection({answered}), monotonic: 99};
  const other = {message: connection({answered}), unit: 'wslagent-ssh.socket'};
  const unknown = {message: connection({answered}, 'own#1')};
  t.deepEqual([...wordsOfRelay(journal(old, idle, other, unknown), SINCE)], []);
});

test('what others wrote into a message is no hint of ours', t => {
  const message = 'it wrote: x; hint: sudo rm -rf /';
  const line = {message: connection({failure: {reason: 'internal', message}}), priority: 4};
  t.deepEqual(wordsOfRelay(journal(line), SINCE).get('ssh'), {
    at: 1000,
    monotonic: 200,
    served: false,
    reason: 'it wrote: x, hint: sudo rm -rf /',
  });
});

test('a relay that could not start is remembered until it listens', t => {
  const failed = [
    {message: 'wslagent: error: nope', priority: 3},
    {message: 'wslagent: hint: mend it', priority: 3},
    {message: 'wslagent: hint: wslagent relay', priority: 3},
    {message: 'wslagent.service: Failed with result exit-code', priority: 4},
  ];
  const listens = {message: 'ssh: listening on /run/x (from systemd)'};
  t.deepEqual(startFailure(journal(listens, ...failed), 100), {
    reason: 'nope',
    hint: 'mend it\nwslagent relay',
  });
  t.is(startFailure(journal(...failed, listens), 100), undefined);
  t.is(startFailure(journal(...failed), 300), undefined);
  t.is(startFailure([], 100), undefined);
});

test('in direct mode the last unit decides, once it has ended', t => {
  const unit = (number: number) => `wslagent-ssh@${number}-7-0.service`;
  const good = {unit: unit(1), id: STARTED, message: 'Started'};
  const bad = [
    {unit: unit(2), id: STARTED, message: 'Started'},
    {unit: unit(2), priority: 4, message: 'wslagent-helper: error: pipe a does not exist'},
    {unit: unit(2), priority: 4, message: 'wslagent-helper: hint: start it'},
    {unit: unit(2), priority: 4, id: FAILED, message: 'Failed with result exit-code'},
  ];
  const none = new Set<string>();
  t.like(wordsOfInstances(journal(...bad, good), SINCE, none).get('ssh'), {served: true});
  t.like(wordsOfInstances(journal(good, ...bad), SINCE, none).get('ssh'), {
    served: false,
    reason: 'pipe a does not exist',
    hint: 'start it',
  });
  t.deepEqual([...wordsOfInstances(journal(good), SINCE, new Set([unit(1)]))], []);
});

test('lines of the journal are read, what is no text is left out', t => {
  const line = {
    MESSAGE: 'a',
    PRIORITY: '4',
    USER_UNIT: 'x.service',
    _SYSTEMD_USER_UNIT: 'init.scope',
    __REALTIME_TIMESTAMP: '5000',
    __MONOTONIC_TIMESTAMP: '2000',
  };
  const text = [line, {...line, MESSAGE: [1, 2]}, {...line, MESSAGE: null}].map(x => JSON.stringify(x));
  t.deepEqual(parseLines(`${text.join('\n')}\n`), [
    {unit: 'x.service', message: 'a', priority: 4, at: 5, monotonic: 2, id: ''},
  ]);
});
