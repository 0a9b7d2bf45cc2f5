import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {REQUEST_IDENTITIES} from '../../../shared/ssh-agent/identities.ts';
import {Client, HELPER, temporaryFolder, until} from './bed.ts';

const MAIN = join(import.meta.dirname, '../../../linux/main.ts');
const FAILURE = '0000000105';

/** A relay of its own, which listens. */
async function running(t: ExecutionContext) {
  const socket = join(temporaryFolder(t), 's');
  const flags = ['--listen', socket, '--target', 'pipe:/nowhere', '--spares', '0'];
  const relay = spawn(process.execPath, [MAIN, 'relay', ...flags], {
    env: {...process.env, WSLAGENT_HELPER: [HELPER.command, ...HELPER.args].join(' ')},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const gone = once(relay, 'exit');
  t.teardown(() => void relay.kill('SIGKILL'));
  let text = '';
  relay.stderr.on('data', piece => {
    text += piece;
  });
  const said = () => text;
  await until('the relay', () => said().includes('listening on'));
  return {relay, socket, gone, said};
}

test('told to stop twice, as by timeout(1), it stops as when told once', async t => {
  const {relay, socket, gone, said} = await running(t);
  const client = new Client(socket);
  await once(client.socket, 'connect');
  relay.kill('SIGTERM');
  await until('the word', () => said().includes('stopping'));
  relay.kill('SIGTERM');
  t.deepEqual(await gone, [0, null]);
});

test('SIGUSR1 opens no port for debuggers, and the relay goes on', async t => {
  const {relay, socket, gone, said} = await running(t);
  relay.kill('SIGUSR1');
  // an answer takes longer than node does to open the port
  t.is((await new Client(socket).end(REQUEST_IDENTITIES).all).toString('hex'), FAILURE);
  relay.kill('SIGTERM');
  t.deepEqual(await gone, [0, null]);
  t.notRegex(said(), /Debugger listening/);
});
