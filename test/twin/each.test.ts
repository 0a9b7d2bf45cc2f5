import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {poll} from './poll.ts';
import {newMark, processesWith} from './processes.ts';

const each = fileURLToPath(new URL('each.sh', import.meta.url));
const env = {PATH: process.env.PATH ?? '', WSLAGENT_TWIN_NODE: 'sh'};
const stdio = ['pipe', 'pipe', 'inherit', 'pipe'] as const;

test('a test file has its own /run, its own processes, and the descriptors it was given', async t => {
  writeFileSync('/run/theirs', '');
  const script = '[ -e /run/theirs ] || echo own; echo $PPID; cat; echo three >&3; env | grep -c WSLAGENT';
  const child = spawn(each, ['-c', script], {env, stdio: [...stdio]});
  const output = ['', '', '', ''];
  for (const fd of [1, 3]) child.stdio[fd]?.on('data', chunk => (output[fd] += chunk));
  child.stdin?.end('in\n');
  t.deepEqual(await once(child, 'close'), [1, null]);
  t.deepEqual(output, ['', 'own\n1\nin\n0\n', '', 'three\n']);
  t.true(existsSync('/run/theirs'));
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`${signal} from ava ends a test file that does not listen, with what it started`, async t => {
    const mark = newMark();
    const script = `trap '' TERM; setsid sleep 1000.${mark} & echo ready; sleep 2000.${mark}`;
    const child = spawn(each, ['-c', script], {env, stdio: [...stdio]});
    await once(child.stdout ?? child, 'data');
    t.true(processesWith(mark).length > 0);
    child.kill(signal);
    await once(child, 'exit');
    await poll('everything in it to end', 10_000, () => processesWith(mark).length === 0);
    t.deepEqual(processesWith(mark), []);
  });
}
