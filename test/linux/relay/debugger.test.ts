import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import test from 'ava';
import {REQUEST_IDENTITIES} from '../../../shared/ssh-agent/identities.ts';
import {Client, HELPER, temporaryFolder, until} from './bed.ts';

const MAIN = join(import.meta.dirname, '../../../linux/main.ts');
const FAILURE = '0000000105';

test('SIGUSR1 opens no port for debuggers, and the relay goes on', async t => {
  const socket = join(temporaryFolder(t), 's');
  const flags = ['--listen', socket, '--target', 'pipe:/nowhere', '--spares', '0'];
  const relay = spawn(process.execPath, [MAIN, 'relay', ...flags], {
    env: {...process.env, WSLAGENT_HELPER: [HELPER.command, ...HELPER.args].join(' ')},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const gone = once(relay, 'exit');
  t.teardown(() => void relay.kill('SIGKILL'));
  let said = '';
  relay.stderr.on('data', text => {
    said += text;
  });
  await until('the relay', () => said.includes('listening on'));
  relay.kill('SIGUSR1');
  // an answer takes longer than node does to open the port
  t.is((await new Client(socket).end(REQUEST_IDENTITIES).all).toString('hex'), FAILURE);
  relay.kill('SIGTERM');
  t.deepEqual(await gone, [0, null]);
  t.notRegex(said, /Debugger listening/);
});
