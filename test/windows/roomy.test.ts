import {duplexPair} from 'node:stream';
import test from 'ava';
import {type Failure, FailureError} from '../../shared/failure.ts';
import type {ConnectOptions} from '../../windows/targets/connection.ts';
import {connectPipe, type OpenedPipe, type PipeSystem} from '../../windows/targets/pipe.ts';
import {absentPipe, busyPipe} from '../../windows/targets/pipe-failure.ts';
import {openRoomy} from '../../windows/targets/roomy.ts';
import {TestLocks} from './turn-locks.ts';

type Meets = 'room' | 'busy' | 'absent' | 'servesOne';

/** A pipe whose attempts meet one thing after the other, and then room. */
class Pipe implements PipeSystem {
  locked = 0;
  waited = 0;
  opening = 0;
  mostOpening = 0;
  readonly opened: OpenedPipe[] = [];
  readonly #meets: Meets[];
  readonly #locks = new TestLocks();

  constructor(...meets: Meets[]) {
    this.#meets = meets;
  }

  async open({path}: {path: string}): Promise<OpenedPipe | Failure> {
    this.mostOpening = Math.max(this.mostOpening, ++this.opening);
    await new Promise(setImmediate);
    this.opening--;
    const met = this.#meets.shift() ?? 'room';
    if (met === 'busy') return busyPipe(path);
    if (met === 'absent') return absentPipe(path);
    const [stream] = duplexPair();
    const opened: OpenedPipe = {stream, halfCloses: false, ...(met === 'servesOne' ? {servesOne: true} : {})};
    this.opened.push(opened);
    return opened;
  }

  readonly lock = () => {
    this.locked++;
    return this.#locks.open();
  };

  readonly listens = () => true;

  readonly room = async () => {
    this.waited++;
  };
}

const OPTIONS: ConnectOptions = {protocol: 'raw', signal: new AbortController().signal, launch: false};

/** A pipe that was connected to once, after which it meets what is given. */
async function knownPipe(
  name: string,
  ...meets: Meets[]
): Promise<{pipe: Pipe; connect: () => ReturnType<typeof connectPipe>}> {
  const pipe = new Pipe('room', ...meets);
  const connect = () => connectPipe({path: name}, OPTIONS, pipe);
  await connect();
  return {pipe, connect};
}

test('a pipe whose server serves everybody is connected to in turn once, and then without a lock', async t => {
  const {pipe, connect} = await knownPipe('roomy-lock');
  t.is(pipe.locked, 1);
  await Promise.all([connect(), connect(), connect()]);
  t.is(pipe.locked, 1);
  t.is(pipe.opened.length, 4);
  t.is(pipe.mostOpening, 1, 'one at a time: a server may have room for one');
});

test('while it is busy those who come wait in order until there is room', async t => {
  const {pipe, connect} = await knownPipe('roomy-busy', 'busy', 'busy');
  const order: number[] = [];
  await Promise.all([1, 2, 3].map(number => connect().then(() => order.push(number))));
  t.deepEqual(order, [1, 2, 3]);
  t.is(pipe.waited, 2);
  t.is(pipe.locked, 1);
});

test('a server that serves one client at a time, and has come in its place, is connected to in turn', async t => {
  const {pipe, connect} = await knownPipe('roomy-narrow', 'servesOne', 'servesOne');
  const {stream, turn} = await connect();
  t.is(pipe.locked, 2);
  t.not(turn, undefined);
  t.true(pipe.opened[1]?.stream.destroyed, 'the connection without a turn is given up');
  t.true(pipe.opened[2]?.stream === stream);
  stream.destroy();
});

test('a pipe that has gone is no longer known, and told as absent', async t => {
  const {pipe, connect} = await knownPipe('roomy-absent', 'absent', 'absent');
  const error = await t.throwsAsync(connect(), {instanceOf: FailureError});
  t.is(error?.failure.reason, 'absent');
  t.is(pipe.locked, 2);
});

test('a server that stays busy is given up at the deadline, and one whose client has left at once', async t => {
  const {pipe} = await knownPipe('roomy-late', ...Array<Meets>(1000).fill('busy'));
  const open = (deadline: number, signal: AbortSignal) =>
    openRoomy('roomy-late', {path: 'roomy-late'}, deadline, {...OPTIONS, signal}, pipe);
  const late = await t.throwsAsync(open(performance.now() - 1, OPTIONS.signal), {instanceOf: FailureError});
  t.is(late?.failure.reason, 'busy');
  const left = new AbortController();
  const waiting = open(performance.now() + 60_000, left.signal);
  left.abort(new Error('left'));
  await t.throwsAsync(waiting, {message: 'left'});
});

test('who tries once only is not kept waiting', async t => {
  const {pipe} = await knownPipe('roomy-once', 'busy', 'busy');
  const error = await t.throwsAsync(connectPipe({path: 'roomy-once'}, {...OPTIONS, once: true}, pipe), {
    instanceOf: FailureError,
  });
  t.is(error?.failure.reason, 'busy');
  t.is(pipe.waited, 0);
});
