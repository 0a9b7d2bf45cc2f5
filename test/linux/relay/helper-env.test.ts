import test from 'ava';
import {helperEnv} from '../../../linux/relay/helper-env.ts';

test('a helper gets our environment, without what is meant for the relay alone', t => {
  const env = {HOME: '/home/ada', WSL_INTEROP: '/run/WSL/9_interop', LISTEN_FDS: '1', NOTIFY_SOCKET: '/n'};
  const {HOME, WSL_INTEROP, LISTEN_FDS, NOTIFY_SOCKET} = helperEnv(env);
  t.deepEqual([HOME, WSL_INTEROP, LISTEN_FDS, NOTIFY_SOCKET], ['/home/ada', undefined, undefined, undefined]);
});

test('a helper gets eight threads for what waits and a small heap, whatever the machine gives to others', t => {
  for (const env of [{}, {UV_THREADPOOL_SIZE: '2', NODE_OPTIONS: '--inspect'}]) {
    t.is(helperEnv(env).UV_THREADPOOL_SIZE, '8');
    t.is(helperEnv(env).NODE_OPTIONS, '--v8-pool-size=1');
  }
});

const OURS = 'UV_THREADPOOL_SIZE/w:NODE_OPTIONS/w';
const lists: [before: string | undefined, after: string][] = [
  [undefined, OURS],
  ['', OURS],
  ['GOPATH/l:USERPROFILE/pu', `GOPATH/l:USERPROFILE/pu:${OURS}`],
  ['MY_UV_THREADPOOL_SIZE:UV_THREADPOOL_SIZES', `MY_UV_THREADPOOL_SIZE:UV_THREADPOOL_SIZES:${OURS}`],
  // the other way only, or listed already
  ['UV_THREADPOOL_SIZE/u:A', `A:${OURS}`],
  ['NODE_OPTIONS/p:A', `A:${OURS}`],
  ['A:UV_THREADPOOL_SIZE', `A:${OURS}`],
  [OURS, OURS],
];

for (const [before, after] of lists) {
  test(`WSLENV ${before ?? 'that is not set'} becomes ${after}`, t => {
    t.is(helperEnv({WSLENV: before}).WSLENV, after);
  });
}
