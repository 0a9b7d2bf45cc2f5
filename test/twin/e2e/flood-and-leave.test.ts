// needs: wine
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {connect} from 'node:net';
import path from 'node:path';
import test from 'ava';
import {ENDPOINT_PROTOCOLS} from '../../../shared/endpoint.ts';
import {requestOf} from '../../fixtures/agent-answer.ts';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {CEILING, chainFor} from './chain.ts';
import {type WindowsNode, windowsNode} from './windows-node.ts';

const CLIENTS = 20;

/** More than every buffer between a client and an agent that does not read, in bytes. */
const FLOOD = Buffer.concat(Array.from({length: 1024}, () => requestOf(4091)));

let twin: Twin;
let node: WindowsNode;

test.before(async t => {
  t.timeout(120_000);
  twin = await startTwin();
  node = await windowsNode(twin);
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

for (const protocol of ENDPOINT_PROTOCOLS)
  test.serial(
    `who floods an agent that does not read, and leaves, is let go on both sides: ${protocol}`,
    async t => {
      t.timeout(180_000);
      const order = path.join(await mkdtemp(path.join(twin.runtimeDir, 'deaf-')), 'look');
      const greeting = protocol === 'assuan' ? ['OK'] : [];
      const agent = await node.start(
        'deaf-pipe.ts',
        `\\\\.\\pipe\\deaf-${protocol}`,
        twin.toWindows(order),
        ...greeting,
      );
      const chain = await chainFor(t, twin, {target: `pipe:deaf-${protocol}`, protocol});
      const clients = Array.from({length: CLIENTS}, () => connect({path: chain.socket, allowHalfOpen: true}));
      for (const client of clients) client.on('error', () => {}).write(FLOOD);
      await poll('the agent’s clients', CEILING, async () =>
        (await agent.output()).includes(`client ${CLIENTS}`),
      );
      let [taken, since] = [0, performance.now()];
      await poll('every buffer to be full', CEILING, () => {
        const now = clients.reduce(
          (sum, {bytesWritten, writableLength}) => sum + bytesWritten - writableLength,
          0,
        );
        if (now !== taken) [taken, since] = [now, performance.now()];
        return performance.now() - since > 2000;
      });
      const over = () => chain.lines.filter(line => /: socket#\d+: /.test(line)).length;
      t.is(over(), 0);
      for (const client of clients) client.destroy();
      await Promise.all(clients.map(client => client.closed || once(client, 'close')));
      await poll('all connections to be over', CEILING, () => over() === CLIENTS);
      writeFileSync(order, '');
      await poll('the agent to look', CEILING, async () => /left \d+/.test(await agent.output()));
      t.is(/left \d+/.exec(await agent.output())?.[0], 'left 0');
      t.is(await chain.stop(), 0);
      await agent.stop();
    },
  );
