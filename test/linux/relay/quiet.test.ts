/** What relay and helper, both real, do to others while one client does much, and what they do when nobody asks. */
import {readFileSync} from 'node:fs';
import {createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {REQUEST_IDENTITIES} from '../../../shared/ssh-agent/identities.ts';
import {type Bed, HELPER, helperPids, settled, startBed, temporaryFolder, until} from './bed.ts';

const MIB = 1024 * 1024;

/** A server that gives back what it gets, at a Unix socket in a pipe's place. */
async function bedAtEcho(t: ExecutionContext, protocol: 'raw' | 'ssh-agent'): Promise<Bed> {
  const path = join(temporaryFolder(t), 'echo.sock');
  const connections = new Set<Socket>();
  const server = createServer(socket => {
    connections.add(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.teardown(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  return await startBed(t, '', {protocol, targets: [`pipe:${path}`], helper: HELPER, sharing: 'always'});
}

/** The bytes that a process has read and written so far, through whatever descriptor. */
function carried(pid: number): number {
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  return [...io.matchAll(/^[rw]char: (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

for (const leaves of ['at once', 'in the middle', 'in good order'] as const)
  test(`when clients have left, ${leaves}, the helper has nothing to say any more`, async t => {
    const bed = await bedAtEcho(t, 'ssh-agent');
    const first = bed.connect();
    first.write(REQUEST_IDENTITIES);
    await until('the helper', () => first.received.length === REQUEST_IDENTITIES.length);
    first.socket.destroy();
    for (let count = 0; count < 20; count++) {
      const client = bed.connect();
      client.write(REQUEST_IDENTITIES);
      if (leaves === 'in the middle') await until('a way to the agent', () => client.socket.bytesWritten > 0);
      else await until('the answer', () => client.received.length === REQUEST_IDENTITIES.length);
      if (leaves === 'in good order') {
        client.end();
        await client.all;
      } else client.socket.destroy();
    }
    const closed = () => bed.lines.filter(line => /: main#\d+: /.test(line)).length;
    await until('all to be closed', () => closed() === 21);
    const [pid = 0] = helperPids(bed.lines);
    const all = await settled(() => carried(pid));
    t.true(all > 0);
  });

test('beside a client that pours and takes, another waits for no more than what is on its way', async t => {
  const bed = await bedAtEcho(t, 'raw');
  const flood = bed.connect();
  const piece = Buffer.alloc(64 * 1024);
  let over = false;
  let taken = 0;
  flood.socket.on('data', bytes => {
    taken += bytes.length;
  });
  const pour = (): void => void flood.socket.write(piece, error => error || over || pour());
  pour();
  await until('a flood', () => taken > 4 * MIB);
  const before = taken;
  const person = bed.connect();
  person.write('a question');
  await until('the answer', () => person.received.length === 'a question'.length);
  const passed = taken - before;
  over = true;
  t.true(passed < 32 * MIB, `${passed} bytes of the flood went first`);
});
