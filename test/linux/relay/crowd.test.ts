import {once} from 'node:events';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {ENDPOINT_PROTOCOLS, type EndpointProtocol} from '../../../shared/endpoint.ts';
import {answerTo, requestOf} from '../../fixtures/agent-answer.ts';
import {Client, FIXTURES, temporaryFolder, until} from './bed.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'linux', 'main.ts');

const FILES = 64;
const CLIENTS = 200;

const REQUEST = requestOf(100);
const ANSWER = Buffer.from(answerTo(REQUEST));

/** What a client is told for whom there is no room; a raw one only by the close. */
const REFUSAL: Record<EndpointProtocol, RegExp> = {
  'ssh-agent': /^0000000105$/,
  assuan: new RegExp(`^${hex('ERR ')}.*${hex('more than ')}.*${hex(' connections')}.*0a$`),
  raw: /^$/,
};

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

for (const protocol of ENDPOINT_PROTOCOLS)
  test(`more clients than descriptors: each is served or told, and who comes later is served: ${protocol}`, async t => {
    const folder = temporaryFolder(t);
    const path = join(folder, 's', 'x.sock');
    const node = [
      process.execPath,
      MAIN,
      'relay',
      '--listen',
      path,
      '--target',
      'pipe:x',
      '--protocol',
      protocol,
    ];
    const relay = execa('prlimit', [`--nofile=${FILES}:${FILES}`, ...node], {
      reject: false,
      env: {
        WSLAGENT_HELPER: `${process.execPath} ${join(FIXTURES, 'helper-agent.ts')}`,
        XDG_CONFIG_HOME: folder,
        XDG_STATE_HOME: folder,
      },
    });
    t.teardown(() => relay.kill('SIGKILL'));
    let said = '';
    relay.stderr.on('data', bytes => {
      said += bytes;
    });
    await until('the relay', () => said.includes('listening on'));

    const errors: string[] = [];
    const clients: Client[] = [];
    // a few at a time, because Node does not write before it has connected all that it was told to
    while (clients.length < CLIENTS) {
      const few = Array.from({length: 4}, () => new Client(path));
      for (const {socket} of few) socket.on('error', error => errors.push(error.message));
      await Promise.all(few.map(({socket}) => once(socket, 'connect')));
      for (const client of few) client.write(REQUEST);
      clients.push(...few);
    }
    const served = () => clients.filter(client => client.received.equals(ANSWER));
    const refused = () => clients.filter(({socket}) => socket.readableEnded);
    await until('all to be served or told', () => served().length + refused().length >= CLIENTS);
    t.deepEqual(errors, []);
    t.true(served().length > 0);
    t.deepEqual(
      refused().filter(client => !REFUSAL[protocol].test(client.received.toString('hex'))),
      [],
    );
    t.is(said.match(/warning: socket: more than [0-9]+ connections.*hint: .*LimitNOFILE/g)?.length, 1);

    const over = Promise.all(served().map(({socket}) => once(socket.end(), 'close')));
    await over;
    for (let count = 0; count < 20; count++)
      t.deepEqual(await new Client(path).end(REQUEST).all, ANSWER, `the ${count}th afterwards`);
    relay.kill('SIGTERM');
    t.is((await relay).exitCode, 0);
  });
