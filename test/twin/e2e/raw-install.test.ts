// needs: systemd
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {DIST} from '../../../linux/helper-command.ts';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {CEILING, helperProcesses} from './chain.ts';
import {Client} from './client.ts';
import {pattern} from './told-requests.ts';
import {type WindowsNode, windowsNode} from './windows-node.ts';

/** The README's example. */
const CONFIG = `[endpoints.docker]
targets = ["pipe:docker_engine"]
protocol = "raw"
`;

let twin: Twin;
let node: WindowsNode;

const wslagent = (...args: string[]) => twin.run('node', [path.join(DIST, 'wslagent.mjs'), ...args]);

test.before(async t => {
  t.timeout(120_000);
  twin = await startTwin({systemd: true});
  node = await windowsNode(twin);
  mkdirSync(path.join(twin.home, '.config/wslagent'), {recursive: true});
  writeFileSync(path.join(twin.home, '.config/wslagent/config.toml'), CONFIG);
  const koffi = twin.toWindows(path.join(DIST, 'koffi-x64.node'));
  await node.start('message-server.ts', '\\\\.\\pipe\\docker_engine', koffi, 'echo');
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

for (const mode of ['daemon', 'direct'])
  test.serial(`an endpoint of one's own in ${mode} mode: bytes and half-closes pass`, async t => {
    t.timeout(180_000);
    const installed = await wslagent('install', 'docker', '--mode', mode, '--now');
    t.is(installed.exitCode, 0, installed.stderr);
    const listed = JSON.parse((await wslagent('endpoints', '--json')).stdout);
    const docker = (listed.endpoints ?? listed).find(({name}: {name: string}) => name === 'docker');
    const socket = path.join(twin.runtimeDir, 'wslagent/docker.sock');
    t.is(docker.listen, socket);
    const bytes = pattern(300_000);
    for (let round = 0; round < 3; round++) {
      const client = await Client.to(socket);
      client.send(bytes);
      t.true((await client.read(bytes.length)).equals(bytes));
      client.endWriting();
      t.deepEqual(await client.rest(), Buffer.from(`${bytes.length} bytes`));
      client.close();
    }
    // there is nothing in it for ssh
    const {exitCode, stdout, stderr} = await wslagent('env');
    t.deepEqual([exitCode, stdout], [3, '']);
    t.regex(stderr, /no installed endpoint is for ssh/);
    t.is((await wslagent('uninstall')).exitCode, 0);
    await poll('the helpers to leave', CEILING, () => helperProcesses().length === 0);
  });
