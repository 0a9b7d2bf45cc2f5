import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {TestFn} from 'ava';
import type {EndpointProtocol} from '../../shared/endpoint.ts';
import type {Failure} from '../../shared/failure.ts';
import {Session} from '../../shared/protocol/session.ts';

/** What a test's `t` must offer, so that everything is ended with it. */
export type Teardown = {teardown(fn: () => unknown): void};

export const MAIN = fileURLToPath(new URL('../../windows/main.ts', import.meta.url));

/** A folder of its own that is gone when the test is over. */
export async function tempFolder(t: Teardown): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'wslagent-'));
  t.teardown(() => fs.rm(folder, {recursive: true, force: true}));
  return folder;
}

/** The helper as a child process with pipes for stdio. It is killed when the test is over. */
export function startHelper(
  t: Teardown,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [MAIN, ...args], {env: {...process.env, ...env}, stdio: 'pipe'});
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => {});
  return child;
}

/** Waits until `condition` gives something; throws after `ceiling` milliseconds. */
export async function until<T>(
  condition: () => T | undefined | false,
  what: string,
  ceiling = 40_000,
): Promise<T> {
  const deadline = performance.now() + ceiling;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${ceiling} ms for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

/** All that a helper printed, and how it ended. */
export type Outcome = {code: number | null; stdout: Buffer; stderr: string};

/** Collects what a helper prints until it has ended. */
export async function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return {code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString()};
}

/** One channel as the relay sees it. */
export class TestChannel {
  readonly id: number;
  received = Buffer.alloc(0);
  opened: {target: number; elapsed: number; detail: string} | undefined;
  ended = false;
  closed = false;
  failure: Failure | undefined;
  /** Whether received data is given back at once. */
  reading = true;
  /** Whether everything that was sent had credit. */
  flowing = true;
  readonly #session: Session;
  #unread = 0;

  constructor(session: Session, id: number) {
    this.#session = session;
    this.id = id;
  }

  send(bytes: Uint8Array): void {
    this.flowing = this.#session.data(this.id, bytes);
  }

  end(): void {
    this.#session.end(this.id);
  }

  reset(): void {
    this.#session.reset(this.id, {reason: 'gone', message: ''});
  }

  take(bytes: Uint8Array): void {
    this.received = Buffer.concat([this.received, bytes]);
    if (this.reading) this.#session.consumed(this.id, bytes.length);
    else this.#unread += bytes.length;
  }

  /** Gives back what was held, and from now on everything. */
  read(): void {
    this.reading = true;
    this.#session.consumed(this.id, this.#unread);
    this.#unread = 0;
  }

  /** The first `count` bytes, once they are here. */
  async bytes(count: number): Promise<Buffer> {
    await until(() => this.received.length >= count || this.closed, `${count} bytes on channel ${this.id}`);
    if (this.received.length < count)
      throw new Error(`closed after ${this.received.length} bytes: ${this.failure?.message ?? 'no failure'}`);
    return this.received.subarray(0, count);
  }

  /** Sends a request and takes its whole answer off what was received. */
  async ask(request: Uint8Array): Promise<Buffer> {
    this.send(request);
    const length = 4 + (await this.bytes(4)).readUInt32BE();
    const answer = Buffer.from(await this.bytes(length));
    this.received = this.received.subarray(length);
    return answer;
  }

  /** The failure that ended the channel. */
  async failed(): Promise<Failure> {
    return await until(() => this.failure, `a failure on channel ${this.id}`);
  }

  async close(): Promise<void> {
    await until(() => this.closed, `the end of channel ${this.id}`);
  }
}

/** The relay's side of one helper. */
export class TestRelay {
  readonly child: ChildProcessWithoutNullStreams;
  readonly session: Session;
  readonly #channels = new Map<number, TestChannel>();
  stderr = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    const on = (id: number): TestChannel => {
      const channel = this.#channels.get(id);
      if (channel === undefined) throw new Error(`an event for channel ${id}`);
      return channel;
    };
    const write = (pieces: Uint8Array[]): void => {
      for (const piece of pieces) child.stdin.write(piece);
    };
    this.session = new Session('relay', write, {
      greeted: () => {},
      open: () => {},
      opened: (id, target, elapsed, detail) => {
        on(id).opened = {target, elapsed, detail};
      },
      data: (id, bytes) => on(id).take(bytes),
      end: id => {
        on(id).ended = true;
      },
      drain: id => {
        on(id).flowing = true;
      },
      closed: (id, failure) => {
        on(id).closed = true;
        on(id).failure = failure;
      },
    });
    child.stdout.on('data', (chunk: Buffer) => this.session.receive(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
  }

  open(protocol: EndpointProtocol, ...targets: string[]): TestChannel {
    const channel = new TestChannel(this.session, this.session.open(protocol, targets));
    this.#channels.set(channel.id, channel);
    return channel;
  }

  /** Ends the helper's stdin and gives its exit code. */
  async leave(): Promise<number | null> {
    this.child.stdin.end();
    const [code] = (await once(this.child, 'close')) as [number | null];
    return code;
  }
}

/** A helper that serves, with the relay's side of it. */
export function startRelay(t: Teardown, env: NodeJS.ProcessEnv = {}): TestRelay {
  return new TestRelay(startHelper(t, ['serve'], env));
}

/** One helper for all tests of a file: each gets channels of its own. */
export function useRelay(test: TestFn): () => TestRelay {
  let relay: TestRelay | undefined;
  test.after.always(() => {
    relay?.child.kill('SIGKILL');
  });
  return () => {
    relay ??= new TestRelay(spawn(process.execPath, [MAIN, 'serve'], {stdio: 'pipe'}));
    return relay;
  };
}

/** A server in the place of a Windows agent, on a Unix socket or a port of loopback. */
export async function startAgent(
  t: Teardown,
  at: string | {port: number},
  serve: (socket: net.Socket, index: number) => void,
): Promise<net.Server> {
  const sockets = new Set<net.Socket>();
  let count = 0;
  const server = net.createServer({allowHalfOpen: true}, socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, count++);
  });
  server.listen(typeof at === 'string' ? {path: at} : {port: at.port, host: '127.0.0.1'});
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return server;
}

/** An ssh-agent message of this type with this body, length field included. */
export function message(type: number, body: Uint8Array = new Uint8Array(0)): Buffer {
  const frame = Buffer.alloc(5 + body.length);
  frame.writeUInt32BE(1 + body.length);
  frame[4] = type;
  frame.set(body, 5);
  return frame;
}

/** An extension request of this name, with something behind it. */
export function extension(name: string): Buffer {
  const text = Buffer.from(name);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return message(27, Buffer.concat([length, text, Buffer.alloc(40, 7)]));
}

/** A session-bind as far as a relay looks at it. */
export const SESSION_BIND = extension('session-bind@openssh.com');
