import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {answerTo, requestOf} from '../../fixtures/agent-answer.ts';
import {isRunning} from '../../is-running.ts';
import {Client, FIXTURES, helperPids, temporaryFolder, until} from './bed.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'linux', 'main.ts');

const CLIENTS = 50;
const ROUNDS = 4;

const REQUEST = requestOf(100);
const ANSWER = Buffer.from(answerTo(REQUEST));

/** `wslagent relay` before an ssh agent. */
async function startOwn(t: ExecutionContext, folder: string, path: string) {
  const relay = execa(
    process.execPath,
    [MAIN, 'relay', '--listen', path, '--target', 'pipe:x', '--log-level', 'debug'],
    {
      reject: false,
      forceKillAfterDelay: false,
      env: {
        WSLAGENT_HELPER: `${process.execPath} ${join(FIXTURES, 'helper-agent.ts')}`,
        XDG_CONFIG_HOME: folder,
        XDG_STATE_HOME: folder,
      },
    },
  );
  t.teardown(() => relay.kill('SIGKILL'));
  await new Promise<void>(resolve => {
    let said = '';
    relay.stderr.on('data', bytes => {
      said += bytes;
      if (said.includes('listening on')) resolve();
    });
  });
  // wrapped, because it is a promise of its end itself
  return {relay};
}

/** Clients that have connected, and whose bytes lie in their sockets. */
async function ask(path: string, bytes: Uint8Array): Promise<Client[]> {
  const clients = Array.from({length: CLIENTS}, () => new Client(path));
  await Promise.all(clients.map(({socket}) => once(socket, 'connect')));
  await Promise.all(clients.map(({socket}) => new Promise(resolve => socket.write(bytes, resolve))));
  return clients;
}

/** How many have no whole answer, when all have been closed. */
async function unanswered(clients: Client[]): Promise<number> {
  const all = await Promise.all(clients.map(client => client.all));
  return all.filter(received => !received.equals(ANSWER)).length;
}

const FIRST_HALF = REQUEST.subarray(0, 50);
const SECOND_HALF = REQUEST.subarray(50);

const SITUATIONS: [title: string, frozen: boolean, before: Uint8Array, after: Uint8Array][] = [
  ['whose request lies in the socket', false, REQUEST, new Uint8Array(0)],
  ['who waits to be accepted', true, REQUEST, new Uint8Array(0)],
  ['who has said half a request', true, FIRST_HALF, SECOND_HALF],
];

for (const [title, frozen, before, after] of SITUATIONS)
  test(`a relay that is told to stop answers everybody ${title}`, async t => {
    const folder = temporaryFolder(t);
    const path = join(folder, 's', 'x.sock');
    let lost = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const {relay} = await startOwn(t, folder, path);
      if (frozen) relay.kill('SIGSTOP');
      const clients = await ask(path, before);
      relay.kill('SIGTERM');
      if (frozen) relay.kill('SIGCONT');
      if (after.length > 0) await until('the name to be taken away', () => !existsSync(path));
      for (const client of clients) client.end(after);
      lost += await unanswered(clients);
      const {exitCode, stderr} = await relay;
      t.is(exitCode, 0);
      t.deepEqual(helperPids(stderr.split('\n')).filter(isRunning), []);
    }
    t.is(lost, 0, `${lost} of ${ROUNDS * CLIENTS}`);
  });
