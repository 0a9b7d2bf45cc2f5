import {mkdtempSync, rmSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import type {Log} from '../../../linux/log.ts';
import {type Relay, type RelayOptions, startRelay} from '../../../linux/relay/relay.ts';
import type {EndpointProtocol} from '../../../shared/endpoint.ts';
import {isRunning} from '../../is-running.ts';

export const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures');

/** The helper's sources on this system's Node, where a pipe with a path is a Unix socket. */
export const HELPER: RelayOptions['helper'] = {
  command: process.execPath,
  args: [join(import.meta.dirname, '..', '..', '..', 'windows', 'main.ts')],
  cwd: undefined,
};

/** The helper that a fixture makes, as a command. */
export function fixture(name: string): RelayOptions['helper'] {
  return {command: process.execPath, args: [join(FIXTURES, `helper-${name}.ts`)], cwd: undefined};
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-relay-'));
  t.teardown(() => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

/** A log that can be read. */
export function memoryLog(): Log & {lines: string[]} {
  const lines: string[] = [];
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return {lines, error: say('error'), warning: say('warning'), info: say('info'), debug: say('debug')};
}

/** The pids of all helpers that a log tells of. */
export function helperPids(lines: string[]): number[] {
  return lines.flatMap(line => /helper ([0-9]+): started/.exec(line)?.[1] ?? []).map(Number);
}

/** Waits until something holds. Throws after `ceiling` milliseconds. */
export async function until(what: string, holds: () => boolean, ceiling = 30_000): Promise<void> {
  for (const end = Date.now() + ceiling; !holds(); ) {
    if (Date.now() > end) throw new Error(`not within ${ceiling} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Waits until a number has not changed for a second, and gives it. */
export async function settled(value: () => number): Promise<number> {
  let [last, since] = [value(), Date.now()];
  await until('a number that stays', () => {
    const now = value();
    if (now !== last) [last, since] = [now, Date.now()];
    return Date.now() - since > 1000;
  });
  return last;
}

export type Bed = {
  relay: Relay;
  folder: string;
  lines: string[];
  /** The socket of an endpoint. */
  path(endpoint?: string): string;
  connect(endpoint?: string): Client;
  /** Stops the relay and throws if anything is left. */
  stop(): Promise<void>;
};

export type BedOptions = Partial<Omit<RelayOptions, 'endpoints' | 'log'>> & {
  protocol?: EndpointProtocol;
  targets?: string[];
};

/** A relay in this process with one endpoint, `main`, and one for each protocol. Nothing of it survives the test. */
export async function startBed(t: ExecutionContext, helper: string, options: BedOptions = {}): Promise<Bed> {
  const folder = temporaryFolder(t);
  const log = memoryLog();
  const {protocol = 'raw', targets = ['pipe:x'], ...rest} = options;
  const relay = await startRelay({
    endpoints: [{name: 'main', protocol, targets, listen: join(folder, 's', 'main.sock')}],
    helper: fixture(helper),
    sharing: 'overflow',
    spares: 1,
    maxHelpers: 8,
    spareIdle: 60_000,
    idleExit: undefined,
    ...rest,
    log,
  });
  const clients: Client[] = [];
  const bed: Bed = {
    relay,
    folder,
    lines: log.lines,
    path: (endpoint = 'main') => join(folder, 's', `${endpoint}.sock`),
    connect(endpoint) {
      const client = new Client(bed.path(endpoint));
      clients.push(client);
      return client;
    },
    async stop() {
      relay.stop();
      await relay.done;
      const left = helperPids(log.lines).filter(isRunning);
      if (left.length > 0) throw new Error(`helpers are left: ${left.join(', ')}`);
    },
  };
  t.teardown(async () => {
    for (const client of clients) client.socket.destroy();
    await bed.stop();
  });
  return bed;
}

/** A client of a socket that keeps what it reads, and closes when the other side has. */
export class Client {
  readonly socket: Socket;
  /** Resolves with everything when the other side has ended. */
  readonly all: Promise<Buffer>;
  readonly #chunks: Buffer[] = [];

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.on('data', bytes => this.#chunks.push(bytes));
    this.all = new Promise(resolve => {
      const over = () => resolve(this.received);
      this.socket.once('end', over);
      this.socket.once('close', over);
    });
    // a test that expects an error sees it in what it received
    this.socket.on('error', () => {});
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Waits for the next `count` bytes and takes them. */
  async take(count: number, ceiling = 30_000): Promise<Buffer> {
    await until(`${count} bytes, got ${this.received.length}`, () => this.received.length >= count, ceiling);
    const all = this.received;
    this.#chunks.splice(0, this.#chunks.length, all.subarray(count));
    return all.subarray(0, count);
  }

  write(bytes: Uint8Array | string): this {
    this.socket.write(bytes);
    return this;
  }

  end(bytes?: Uint8Array | string): this {
    if (bytes === undefined) this.socket.end();
    else this.socket.end(bytes);
    return this;
  }
}
