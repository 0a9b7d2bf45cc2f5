import {setTimeout as sleep} from 'node:timers/promises';
import {type Failure, FailureError} from '../../shared/failure.ts';
import type {ForeignLock, TurnLock} from '../native/turn-lock.ts';
import type {AgentConnection, ConnectOptions} from './connection.ts';
import {greeted} from './greeting.ts';
import {BackOff} from './pause.ts';
import {busyPipe, foreignPipe, takenPipe} from './pipe-failure.ts';
import {showPipe} from './pipe-name.ts';
import {noteRoomy, openRoomy} from './roomy.ts';
import {type Turn, TurnTimeout, takeTurn} from './turns.ts';

/** How long a pipe may stay busy, in milliseconds. */
const BUSY_MS = 10_000;

/**
 * How long another connection of ours may keep a pipe that serves one client, in milliseconds. It does so only while
 * its request is not answered: somebody looks for a card or types a PIN. An sshd waits as long (LoginGraceTime).
 */
const TURN_MS = 120_000;

/** How long a server may take between one client and the next, in milliseconds. */
const NEXT_MS = 3000;

/** How long those who come next wait for that without trying, in milliseconds. */
const REST_MS = 1000;

/** How often we look whether a pipe is there again, in milliseconds. */
const LOOK_MS = 10;

/**
 * How long a pipe with one place must have been there before it is connected to, in milliseconds, how much more for
 * each millisecond that it took to come back, which tells how busy the machine is, and the most of that. gpg-agent's
 * thread ends for good when a client comes after it has made the pipe and before it listens (win32_openssh_thread).
 * Seen with 2.4.9, on a machine with several times the work that it can do: connections at once or 1 ms after the one
 * before ended the thread or failed; of some thousand after 30 ms, one ended it.
 */
const SETTLE_MS = 80;
const SETTLE_FACTOR = 4;
const SETTLE_MORE_MS = 400;

/** A pipe and whether it may be anybody's. */
export type PipePlace = {path: string; anyOwner?: true};

/** A pipe that was opened, with what AgentConnection says of it. */
export type OpenedPipe = Pick<AgentConnection, 'stream' | 'halfCloses' | 'endIsMessage' | 'server'> & {
  /** The connection keeps everybody else out while it lasts. */
  servesOne?: true;
};

/** A pipe that is connected, and who kept the helpers from taking turns, if somebody did. */
type Connected = Omit<AgentConnection, 'detail'> & {outOfTurn?: string};

/** What the system has for pipes. */
export type PipeSystem = {
  /** One attempt, which takes no longer than `milliseconds`. Gives what is wrong with the pipe; throws on `signal`. */
  open(place: PipePlace, milliseconds: number, signal: AbortSignal): Promise<OpenedPipe | Failure>;
  /** What all helpers share about a pipe; undefined where they share nothing. */
  lock(pipe: string): TurnLock | ForeignLock | undefined;
  /** Whether a connection could be made; looks without making one. */
  listens(pipe: string): boolean;
  /** Waits until a busy pipe may have room, no longer than `milliseconds`. Rejects only because of `signal`. */
  room(pipe: string, milliseconds: number, signal: AbortSignal): Promise<void>;
};

/**
 * Connects to a named pipe, waiting while it is busy, unless `once`. Throws FailureError; `absent` at once. Where the
 * server serves one client at a time, this is done in turns, and a turn lasts as long as the connection.
 */
export async function connectPipe(
  place: PipePlace,
  options: ConnectOptions,
  system?: PipeSystem,
): Promise<AgentConnection> {
  const started = performance.now();
  const pipes = system ?? (await ownSystem());
  const opened: Connected =
    (await openWithoutTurn(place, started, options, pipes)) ??
    (await openInTurn(place, started, options, pipes));
  const {outOfTurn, ...rest} = opened;
  const detail = showPipe(place.path) + (outOfTurn === undefined ? '' : `, out of turn: ${outOfTurn}`);
  const connection = {...rest, detail};
  return options.protocol === 'assuan' ? await greeted(connection, options.signal) : connection;
}

async function openWithoutTurn(
  place: PipePlace,
  started: number,
  options: ConnectOptions,
  pipes: PipeSystem,
): Promise<OpenedPipe | undefined> {
  const opened = await openRoomy(keyOf(place.path), place, started + BUSY_MS, options, pipes);
  if (!opened?.servesOne) return opened;
  // another server has come, whose clients take turns
  opened.stream.destroy();
  await settled(place.path, pipes, performance.now() + REST_MS, options.signal);
  return undefined;
}

async function openInTurn(
  place: PipePlace,
  started: number,
  options: ConnectOptions,
  pipes: PipeSystem,
): Promise<Connected> {
  const turn = await turnAt(place, started, options, pipes);
  let opened: OpenedPipe;
  try {
    const waited = turn.served || turn.outOfTurn !== undefined;
    opened = await open(place, waited ? performance.now() : started, turn, options, pipes);
  } catch (error) {
    turn.end();
    throw turn.outOfTurn === undefined ? error : alsoOutOfTurn(error, turn.outOfTurn);
  }
  const {servesOne, ...pipe} = opened;
  const rest = turn.outOfTurn === undefined ? pipe : {...pipe, outOfTurn: turn.outOfTurn};
  if (!servesOne) noteRoomy(keyOf(place.path));
  if (!servesOne || opened.stream.closed) {
    turn.end();
    return rest;
  }
  turn.serve();
  opened.stream.once('close', () => turn.end());
  return {...rest, turn};
}

/** A pipe that stayed busy may have done so because of who keeps the helpers from taking turns. */
function alsoOutOfTurn(error: unknown, who: string): unknown {
  if (!(error instanceof FailureError) || error.failure.reason !== 'busy') return error;
  return new FailureError({...error.failure, message: `${error.failure.message}; out of turn: ${who}`});
}

/** Windows does not tell upper case from lower. */
function keyOf(path: string): string {
  return process.platform === 'win32' ? path.toLowerCase() : path;
}

async function turnAt(
  {path}: PipePlace,
  started: number,
  {once, signal}: ConnectOptions,
  pipes: PipeSystem,
): Promise<Turn> {
  const patience = once ? BUSY_MS : TURN_MS;
  const key = keyOf(path);
  try {
    return await takeTurn(key, {
      signal,
      once,
      deadline: started + patience,
      lock: () => pipes.lock(key),
      rest: () => settled(path, pipes, performance.now() + REST_MS),
    });
  } catch (error) {
    if (!(error instanceof TurnTimeout)) throw error;
    throw new FailureError(error.narrow ? takenPipe(path, once ? 0 : TURN_MS) : busyPipe(path));
  }
}

async function open(
  place: PipePlace,
  started: number,
  {served, narrow}: Turn,
  {signal, once}: ConnectOptions,
  pipes: PipeSystem,
): Promise<OpenedPipe> {
  const deadline = started + (served ? NEXT_MS : BUSY_MS);
  const backOff = new BackOff();
  for (;;) {
    signal.throwIfAborted();
    const opened = await pipes.open(place, deadline - performance.now(), signal);
    if ('stream' in opened) return opened;
    const mayCome = opened.reason === 'busy' || (served && opened.reason === 'absent');
    if (!mayCome || once || performance.now() > deadline)
      throw new FailureError(narrow && opened.reason === 'busy' ? foreignPipe(place.path) : opened);
    await (narrow ? settled(place.path, pipes, deadline, signal) : backOff.pause(signal));
  }
}

/** Waits until a pipe with one place can be met without harm; one that is not back at `deadline` is given up. */
async function settled(
  path: string,
  pipes: PipeSystem,
  deadline: number,
  signal?: AbortSignal,
): Promise<void> {
  const options = signal === undefined ? {} : {signal};
  const begun = performance.now();
  while (!pipes.listens(path)) {
    if (performance.now() > deadline) return;
    await sleep(LOOK_MS, undefined, options);
  }
  const more = Math.min(SETTLE_FACTOR * (performance.now() - begun), SETTLE_MORE_MS);
  await sleep(SETTLE_MS + more, undefined, options);
}

/** Windows' pipes are opened by ourselves, for the sake of their owners; a pipe of Linux is a socket. */
async function ownSystem(): Promise<PipeSystem> {
  return process.platform === 'win32'
    ? (await import('./pipe-of-windows.ts')).PIPES_OF_WINDOWS
    : (await import('./pipe-of-linux.ts')).PIPES_OF_LINUX;
}
