import test from 'ava';
import {clientProtocol} from '../../../linux/relay/protocols/client-protocol.ts';
import {Replay} from '../../../linux/relay/replay.ts';

test('what is kept to be said again weighs what it is, and does not change when more comes', t => {
  const replay = new Replay(clientProtocol('raw'));
  for (let count = 0; count < 1000; count++) replay.add(Uint8Array.of(count % 256));
  const {kept} = replay;
  t.is(kept.length, 1000);
  t.true(kept.buffer.byteLength <= 2048);
  for (let count = 0; count < 5000; count++) replay.add(Uint8Array.of(0));
  t.true(kept.every((byte, index) => byte === index % 256));
  t.true(replay.afterDeath());
  t.false(replay.afterDeath());
});

test('more than any request is not kept', t => {
  const replay = new Replay(clientProtocol('raw'));
  replay.add(new Uint8Array(512 * 1024));
  t.is(replay.kept.length, 512 * 1024);
  replay.add(Uint8Array.of(1));
  t.is(replay.kept.length, 0);
  t.false(replay.afterDeath());
});
