import {spawn} from 'node:child_process';
import {once} from 'node:events';
import test from 'ava';
import {memoryOf} from '../../../linux/bench/memory.ts';

test('what a process started, and what that started, counts; what ended does not', async t => {
  const me = {pid: process.pid, program: 'node'};
  const before = memoryOf(me)?.started.processes;
  const child = spawn('sh', ['-c', 'sleep 60 & echo started; wait'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  t.teardown(() => process.kill(-(child.pid ?? 0), 'SIGKILL'));
  await once(child.stdout, 'data');
  const during = memoryOf(me);
  t.is(during?.started.processes, (before ?? 0) + 2);
  t.true((during?.started.pss ?? 0) > 0);
});
