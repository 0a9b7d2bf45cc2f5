import {createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {ENDPOINT_PROTOCOLS, type EndpointProtocol} from '../../../shared/endpoint.ts';
import {requestOf} from '../../fixtures/agent-answer.ts';
import {type Bed, HELPER, settled, startBed, temporaryFolder, until} from './bed.ts';

const CLIENTS = 20;

/** More than every buffer between a client and an agent that does not read, in bytes. */
const FLOOD = 8 * 1024 * 1024;

/** The protocol page's 10 s, the second in which it is noticed, and a slow machine's time, in milliseconds. */
const LET_GO = 25_000;

/** For an ssh agent requests, of which there is no end; on the other protocols any bytes are as good. */
const REQUESTS = Buffer.concat(Array.from({length: FLOOD / 4096}, () => requestOf(4091)));

/** A relay before an agent that accepts and neither reads nor leaves, and how many connections that agent has. */
async function startDeaf(
  t: ExecutionContext,
  protocol: EndpointProtocol,
): Promise<{bed: Bed; agents: Set<Socket>}> {
  const path = join(temporaryFolder(t), 'deaf.sock');
  const agents = new Set<Socket>();
  const server = createServer({allowHalfOpen: true, pauseOnConnect: true}, socket => {
    agents.add(socket);
    socket.on('error', () => {});
    if (protocol === 'assuan') socket.write('OK\n');
    socket.on('close', () => agents.delete(socket));
    // who reads nothing learns of the other's going only so
    const look = setInterval(() => socket.write(''), 200);
    socket.on('close', () => clearInterval(look));
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.teardown(() => {
    server.close();
    for (const socket of agents) socket.destroy();
  });
  return {bed: await startBed(t, '', {protocol, targets: [`pipe:${path}`], helper: HELPER}), agents};
}

const over = ({lines}: Bed) => lines.filter(line => /^\w+: main#/.test(line)).length;

for (const protocol of ENDPOINT_PROTOCOLS)
  test(`clients that flood an agent which does not read, and leave, are let go: ${protocol}`, async t => {
    const {bed, agents} = await startDeaf(t, protocol);
    const clients = Array.from({length: CLIENTS}, () => bed.connect().write(REQUESTS));
    await until('the agent’s connections', () => agents.size === CLIENTS);
    await settled(() =>
      clients.reduce((sum, {socket}) => sum + socket.bytesWritten - socket.writableLength, 0),
    );
    t.is(over(bed), 0);
    for (const {socket} of clients) socket.destroy();
    await until('the connections to be over', () => over(bed) === CLIENTS, LET_GO);
    await until('the agent’s connections to be over', () => agents.size === 0, LET_GO);
  });
