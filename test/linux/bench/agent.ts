/** An agent on a Unix socket, in this process, that answers as a test wants. */
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';

/** What it does with the request of this number, from 0 on, on the connection of this number, from 0 on. */
export type Answerer = (socket: Socket, connection: number, request: number) => void;

export type TestAgent = {
  path: string;
  /** How many connections there were. */
  connections(): number;
  /** How many of them are open, and how many were at most. */
  open(): number;
  most(): number;
  /** Every request, in hex, once. */
  requests: Set<string>;
};

/** SSH_AGENT_IDENTITIES_ANSWER with so many keys, whole. */
export function identities(keys: number): Buffer {
  const key = Buffer.from([0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 1, 0x6b]);
  const body = Buffer.concat([Buffer.from([12, 0, 0, 0, keys]), ...Array.from({length: keys}, () => key)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** SSH_AGENT_FAILURE, whole. */
export const FAILURE = Buffer.from([0, 0, 0, 1, 5]);

/** Answers each request with a list of two keys. */
export const lists: Answerer = socket => void socket.write(identities(2));

/** Listens until the test is over. */
export async function testAgent(t: ExecutionContext, answer: Answerer = lists): Promise<TestAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-bench-'));
  const path = join(folder, 's');
  const sockets = new Set<Socket>();
  const requests = new Set<string>();
  let [connections, most] = [0, 0];
  const server = createServer(socket => {
    const connection = connections++;
    let request = 0;
    const splitter = new MessageSplitter();
    sockets.add(socket);
    most = Math.max(most, sockets.size);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', bytes => {
      for (const message of splitter.push(bytes)) {
        requests.add(Buffer.from(message).toString('hex'));
        answer(socket, connection, request++);
      }
    });
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, {recursive: true});
  });
  return {path, connections: () => connections, open: () => sockets.size, most: () => most, requests};
}
