import {createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {EndpointProtocol} from '../../../shared/endpoint.ts';
import {type Bed, HELPER, startBed, temporaryFolder, until} from './bed.ts';

/** An endpoint, and the connections of the server behind it: paused, and half-open for as long as they like. */
async function startServed(
  t: ExecutionContext,
  protocol: EndpointProtocol = 'raw',
): Promise<{bed: Bed; connections: Socket[]}> {
  const path = join(temporaryFolder(t), 'server.sock');
  const connections: Socket[] = [];
  const server = createServer({allowHalfOpen: true, pauseOnConnect: true}, socket => {
    socket.on('error', () => {});
    connections.push(socket);
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.teardown(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  return {bed: await startBed(t, '', {protocol, targets: [`pipe:${path}`], helper: HELPER}), connections};
}

const journal = ({lines}: Bed) => lines.find(line => line.includes('main#1')) ?? '';

// more than credit and the server's socket take, and no more than the client's own takes besides
for (const [what, count] of [
  ['what a client said before it went away', 500_000],
  ['also what had not been read then, because there was no credit for it,', 760_000],
] as const)
  test(`${what} reaches a server that takes its time`, async t => {
    const {bed, connections} = await startServed(t);
    const bytes = Buffer.alloc(count, 'last words ');
    const client = bed.connect();
    client.socket.end(bytes, () => client.socket.destroy());
    await until('the client to be gone', () => client.socket.closed && connections.length === 1);
    // as long as it takes to notice that
    await new Promise(resolve => setTimeout(resolve, 2500));
    const received: Buffer[] = [];
    let ended = false;
    connections[0]?.on('data', chunk => received.push(chunk));
    connections[0]?.once('end', () => {
      ended = true;
    });
    connections[0]?.resume();
    await until('the end', () => ended);
    t.true(Buffer.concat(received).equals(bytes));
    await until('the journal line', () => journal(bed) !== '');
    t.regex(journal(bed), new RegExp(`${count} B in, 0 B out; client went away$`));
  });

test('a client that half-closes and goes later is noticed, though nobody says anything', async t => {
  const {bed, connections} = await startServed(t);
  const client = bed.connect().end('question');
  let ended = false;
  await until('the connection', () => connections.length === 1);
  connections[0]?.resume().on('end', () => {
    ended = true;
  });
  await until('the end', () => ended);
  t.is(journal(bed), '');
  client.socket.destroy();
  await until('the journal line', () => journal(bed) !== '');
  t.regex(journal(bed), /8 B in, 0 B out; client went away$/);
});

test('a client that half-closes and stays is answered, however late', async t => {
  const {bed, connections} = await startServed(t);
  const client = bed.connect().end('question');
  await until('the connection', () => connections.length === 1);
  await new Promise(resolve => setTimeout(resolve, 2500));
  connections[0]?.end('answer');
  t.is((await client.all).toString(), 'answer');
});

test('an ssh client that goes while its request is with the agent takes the connection with it', async t => {
  const {bed, connections} = await startServed(t, 'ssh-agent');
  const client = bed.connect().write(Buffer.of(0, 0, 0, 1, 11));
  await until('the connection', () => connections.length === 1);
  let ended = false;
  connections[0]?.resume().once('end', () => {
    ended = true;
  });
  client.socket.destroy();
  await until('the end', () => ended);
  await until('the journal line', () => journal(bed) !== '');
  t.regex(journal(bed), /5 B in, 0 B out; client went away$/);
});
