import test from 'ava';
import {handedSockets} from '../../../linux/relay/activation.ts';

test('the words about sockets are taken out of the environment', t => {
  const env = {LISTEN_FDS: '2', LISTEN_PID: '77', LISTEN_FDNAMES: 'a:b', PATH: '/bin'};
  t.deepEqual(handedSockets(env, 77), [
    {fd: 3, name: 'a'},
    {fd: 4, name: 'b'},
  ]);
  t.deepEqual(env as object, {PATH: '/bin'});
});

test('sockets for another process are not taken', t => {
  const env = {LISTEN_FDS: '1', LISTEN_PID: '76', LISTEN_FDNAMES: 'a'};
  t.throws(() => handedSockets(env, 77), {message: /meant for process 76, and this is 77/});
});

test('a count that makes no sense is refused', t => {
  for (const LISTEN_FDS of ['-1', 'x', '1e9', '2.5'])
    t.throws(() => handedSockets({LISTEN_FDS, LISTEN_PID: '77'}, 77), {message: /^LISTEN_FDS is "/});
});
