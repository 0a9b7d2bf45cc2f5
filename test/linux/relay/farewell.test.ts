import {createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {EndpointProtocol} from '../../../shared/endpoint.ts';
import {requestOf} from '../../fixtures/agent-answer.ts';
import {type Bed, type Client, HELPER, startBed, temporaryFolder, until} from './bed.ts';

/** More than a socket holds, and less than a channel's credit: all of it is with the relay, in bytes. */
const SAID = 400_000;

/** 10 s, and a slow machine's time, in milliseconds. */
const LET_GO = 25_000;

/** A client that reads nothing, of an agent that says all this and dies. */
async function startDying(
  t: ExecutionContext,
  protocol: EndpointProtocol,
  said: Buffer,
): Promise<{bed: Bed; client: Client}> {
  const path = join(temporaryFolder(t), 'dying.sock');
  const server = createServer(socket => {
    socket.on('error', () => {});
    if (protocol === 'ssh-agent') socket.once('data', () => die(socket));
    else die(socket);
  });
  const die = (socket: Socket) => socket.write(said, () => socket.destroy());
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.teardown(() => server.close());
  const bed = await startBed(t, '', {protocol, targets: [`pipe:${path}`], helper: HELPER});
  const client = bed.connect();
  client.socket.pause();
  return {bed, client};
}

const isOver = ({lines}: Bed) => lines.some(line => line.includes('main#1: '));

test('a client of a dead agent that reads nothing is let go: assuan', async t => {
  const {bed, client} = await startDying(t, 'assuan', Buffer.alloc(SAID, 'OK line\n'));
  await until('the connection to be over', () => isOver(bed), LET_GO);
  t.false(client.socket.destroyed);
});

test('a client of a dead agent that reads nothing is let go: ssh-agent', async t => {
  const answer = Buffer.alloc(4 + 256 * 1024);
  answer.writeUInt32BE(256 * 1024);
  const {bed, client} = await startDying(t, 'ssh-agent', answer);
  client.write(requestOf(1));
  // answers come whole, so all of it is with the relay
  await until('the answer', () => client.socket.bytesRead > 0 || client.socket.readableLength > 0);
  client.write('GET / HTTP/1.1\r\n');
  await until('the connection to be over', () => isOver(bed), LET_GO);
  t.false(client.socket.destroyed);
});
