import {once} from 'node:events';
import path from 'node:path';
import test from 'ava';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';
import {message, startAgent, startRelay, tempFolder, until} from './harness.ts';

test('an answer comes back, and the helper leaves with 0 when stdin ends', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'agent'), socket => {
    const splitter = new MessageSplitter();
    socket.on('data', chunk => {
      for (const request of splitter.push(chunk)) socket.write(message(12, request));
    });
  });
  const relay = startRelay(t, {WSLAGENT_PIPES: folder});
  const channel = relay.open('ssh-agent', 'pipe:agent');
  channel.send(message(11));
  t.deepEqual(await channel.bytes(10), message(12, message(11)));
  t.is(channel.opened?.target, 0);
  channel.end();
  await until(() => channel.closed, 'the end');
  relay.child.stdin.end();
  const [code] = await once(relay.child, 'close');
  t.is(code, 0);
  t.is(relay.stderr, '');
});
