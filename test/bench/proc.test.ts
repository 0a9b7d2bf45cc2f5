import {spawn} from 'node:child_process';
import {once} from 'node:events';
import test from 'ava';
import {poll} from '../twin/poll.ts';
import {anonymousIn, imageSize, memoryOf, parseSmaps} from './memory.ts';
import {cpuSeconds, descriptors, isWindows, processesOf, usedSince} from './processes.ts';
import {inTurn, takesPart} from './rounds.ts';

const SMAPS = `140000000-140001000 r--p 00000000 00:1d 1234                 /a/program.exe
Rss:                   4 kB
Anonymous:             4 kB
VmFlags: rd mr mw me ac
140001000-140005000 rw-p 00000000 00:00 0
Anonymous:            12 kB
7f0000000000-7f0000002000 rw-p 00000000 00:00 0                          [heap]
Anonymous:             8 kB
`;

test('mappings and what is anonymous in them', t => {
  const mappings = parseSmaps(SMAPS);
  t.deepEqual(
    mappings.map(({anonymous}) => anonymous),
    [4096, 12_288, 8192],
  );
  t.deepEqual(mappings[1], {start: 0x140001000, end: 0x140005000, anonymous: 12_288});
  t.is(anonymousIn(mappings, [{start: 0x140000000, end: 0x140005000}]), 16_384);
  t.is(anonymousIn(mappings, []), 0);
});

test('the size of a Windows image, by its header', t => {
  const header = Buffer.alloc(1024);
  t.is(imageSize(header), undefined);
  header.write('MZ');
  header.writeUInt32LE(0x80, 0x3c);
  t.is(imageSize(header), undefined);
  header.write('PE\0\0', 0x80);
  header.writeUInt32LE(0x5000, 0x80 + 0x50);
  t.is(imageSize(header), 0x5000);
  header.write('ZM');
  t.is(imageSize(header), undefined);
  header.write('MZ');
  // a header that says it lies elsewhere
  header.writeUInt32LE(0x7fffffff, 0x3c);
  t.is(imageSize(header), undefined);
});

test('a process, what it started, and what they have', async t => {
  // the second has a session of its own, as helpers do
  const script = 'setsid sleep 60 & sleep 60 & wait';
  const child = spawn('sh', ['-c', script], {detached: true, stdio: 'ignore'});
  const leader = child.pid ?? 0;
  t.teardown(async () => {
    for (const pid of processesOf(leader)) process.kill(pid, 'SIGKILL');
    await once(child, 'exit');
  });
  await poll('three processes', 10_000, () => processesOf(leader).length === 3);
  const pids = processesOf(leader);
  t.true(pids.includes(leader));
  t.is(cpuSeconds(pids).size, 3);
  t.true(descriptors(pids) >= 9);
  t.false(pids.some(isWindows));
  const {processes, pss, anonymous, own} = memoryOf(pids);
  t.is(processes, 3);
  t.true(pss >= anonymous && anonymous > 0);
  t.is(own, anonymous);
});

test('what was used between two looks is never less than nothing, whoever has ended or begun', t => {
  const before = new Map([
    [1, 2],
    [2, 40],
  ]);
  const after = new Map([
    [1, 2.5],
    [3, 0.25],
  ]);
  t.is(usedSince(before, after), 0.75);
});

test('nobody is nothing', t => {
  t.deepEqual(memoryOf([]), {processes: 0, pss: 0, anonymous: 0, own: 0});
  t.is(descriptors([2 ** 30]), 0);
});

test('in turn: each round begins with the next', async t => {
  const seen: string[] = [];
  await inTurn(['a', 'b', 'c'], 3, async one => void seen.push(one));
  t.is(seen.join(''), 'abcbcacab');
});

test('who takes part in few rounds does so evenly', t => {
  const rounds = (few: number) => Array.from({length: 12}, (_, n) => n).filter(n => takesPart(n, 12, few));
  t.deepEqual(rounds(4), [0, 3, 6, 9]);
  t.deepEqual(rounds(1), [0]);
  t.is(rounds(12).length, 12);
});
