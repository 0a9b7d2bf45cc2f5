import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {INITIAL_CREDIT} from '../../shared/protocol/limits.ts';
import {message, startAgent, startRelay, type TestRelay, tempFolder, until} from './harness.ts';

const MIB = 1024 * 1024;

/** What the helper may need for each byte that it was given and cannot pass on. */
const WEIGHT = 4;

/** What it needs besides, whatever comes: the heap's own room to breathe. */
const FREE = 48 * MIB;

const LIST = message(11);

/** The most memory that a process has had, in bytes. */
function peak(pid: number | undefined): number {
  const [, kib = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

/** Sends a frame of so many bytes again and again, until the credit of a channel is used up. */
async function fill(relay: TestRelay, id: number, bytes: Uint8Array): Promise<void> {
  for (let sent = 0, flowing = true; sent + bytes.length <= INITIAL_CREDIT && flowing; sent += bytes.length) {
    flowing = relay.session.data(id, bytes);
    if (relay.child.stdin.writableNeedDrain) await once(relay.child.stdin, 'drain');
  }
}

test.serial(
  '57 MiB of the smallest requests, while an agent waits for a person, weigh what they are',
  async t => {
    t.timeout(180_000);
    const folder = await tempFolder(t);
    let asked = 0;
    await startAgent(t, path.join(folder, 'agent'), socket => {
      socket.on('data', () => void asked++);
    });
    const relay = startRelay(t);
    const warm = relay.open('ssh-agent', `pipe:${folder}/agent`);
    warm.send(LIST);
    await until(() => asked === 1, 'the helper to be warm');
    const before = peak(relay.child.pid);
    const flood = Buffer.concat(
      Array.from({length: Math.floor(INITIAL_CREDIT / 8 / LIST.length)}, () => LIST),
    );
    let given = 0;
    for (let count = 0; count < 114; count++) {
      const channel = relay.open('ssh-agent', `pipe:${folder}/agent`);
      await fill(relay, channel.id, flood);
      given += Math.floor(INITIAL_CREDIT / flood.length) * flood.length;
    }
    await until(() => asked === 115, 'all to be asked for', 120_000);
    const grown = peak(relay.child.pid) - before;
    t.log(`${Math.round(given / MIB)} MiB given, ${Math.round(grown / MIB)} MiB more memory`);
    t.true(
      grown < WEIGHT * given + FREE,
      `${Math.round(grown / MIB)} MiB for ${Math.round(given / MIB)} MiB`,
    );
    t.is(relay.child.exitCode, null);
  },
);

test.serial('so do single bytes for an agent that does not read', async t => {
  t.timeout(180_000);
  const folder = await tempFolder(t);
  let connected = 0;
  await startAgent(t, path.join(folder, 'agent'), socket => {
    connected++;
    socket.pause();
  });
  const relay = startRelay(t);
  const channels = Array.from({length: 6}, () => relay.open('raw', `pipe:${folder}/agent`));
  await until(() => connected === channels.length, 'the connections');
  const before = peak(relay.child.pid);
  for (const {id} of channels) await fill(relay, id, Buffer.alloc(1, 7));
  const last = relay.open('raw', 'pipe:/absent');
  await last.failed();
  const grown = peak(relay.child.pid) - before;
  const given = channels.length * INITIAL_CREDIT;
  t.log(`${Math.round(given / MIB)} MiB given, ${Math.round(grown / MIB)} MiB more memory`);
  t.true(grown < WEIGHT * given + FREE, `${Math.round(grown / MIB)} MiB for ${Math.round(given / MIB)} MiB`);
});
