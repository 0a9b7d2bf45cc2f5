import test from 'ava';
import {helperEnv} from '../../../linux/relay/helper-env.ts';

test('a helper gets our environment, without what is meant for the relay alone', t => {
  const env = {HOME: '/home/ada', WSL_INTEROP: '/run/WSL/9_interop', LISTEN_FDS: '1', NOTIFY_SOCKET: '/n'};
  const {HOME, WSL_INTEROP, LISTEN_FDS, NOTIFY_SOCKET} = helperEnv(env);
  t.deepEqual([HOME, WSL_INTEROP, LISTEN_FDS, NOTIFY_SOCKET], ['/home/ada', undefined, undefined, undefined]);
});

test('a helper gets sixteen threads, whatever the machine gives to others', t => {
  t.is(helperEnv({}).UV_THREADPOOL_SIZE, '16');
  t.is(helperEnv({UV_THREADPOOL_SIZE: '2'}).UV_THREADPOOL_SIZE, '16');
});

const OURS = 'UV_THREADPOOL_SIZE/w';
const lists: [before: string | undefined, after: string][] = [
  [undefined, OURS],
  ['', OURS],
  ['GOPATH/l:USERPROFILE/pu', `GOPATH/l:USERPROFILE/pu:${OURS}`],
  ['MY_UV_THREADPOOL_SIZE:UV_THREADPOOL_SIZES', `MY_UV_THREADPOOL_SIZE:UV_THREADPOOL_SIZES:${OURS}`],
  // the other way only, or listed already
  ['UV_THREADPOOL_SIZE/u:A', `A:${OURS}`],
  ['A:UV_THREADPOOL_SIZE', `A:${OURS}`],
  [OURS, OURS],
];

for (const [before, after] of lists) {
  test(`WSLENV ${before ?? 'that is not set'} becomes ${after}`, t => {
    t.is(helperEnv({WSLENV: before}).WSLENV, after);
  });
}
