/** One client that writes a stream, cut as it likes, and leaves as it likes; and what it got. */
import {connect} from 'node:net';
import {setTimeout as sleep, setImmediate as turn} from 'node:timers/promises';
import type {Random} from '../fuzz/random.ts';

/**
 * `ends`: half-closes and reads to the end; `reads`: reads until it has so many bytes, then closes; `drops`: is gone at
 * some moment without having read all; `floods`: reads nothing and is gone.
 */
export type Manner = 'ends' | 'reads' | 'drops' | 'floods';

export type Got = {bytes: Buffer; how: 'ended' | 'enough' | 'dropped' | 'late' | 'refused'};

const PAUSE_MS = 3;

/** Writes `bytes` and reads; `enough` is how many bytes `reads` waits for. Never throws. */
export async function stream(
  path: string,
  bytes: Uint8Array,
  manner: Manner,
  {random, enough, patience}: {random: Random; enough: number; patience: number},
): Promise<Got> {
  const socket = connect({path, allowHalfOpen: true});
  const chunks: Buffer[] = [];
  let [length, over, connected] = [0, false, false];
  let wake = () => {};
  socket.on('connect', () => {
    connected = true;
  });
  socket.on('error', () => {});
  for (const event of ['end', 'close'] as const)
    socket.on(event, () => {
      over = true;
      wake();
    });
  if (manner === 'floods') socket.pause();
  else
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      wake();
    });
  for (const piece of random.cut(bytes)) {
    socket.write(piece);
    if (random.once(3)) await turn();
    else if (random.once(40)) await sleep(random.below(PAUSE_MS));
  }
  if (manner === 'ends') socket.end();
  if (manner === 'drops' || manner === 'floods') {
    await sleep(random.below(PAUSE_MS));
    socket.destroy();
    return {bytes: Buffer.concat(chunks), how: 'dropped'};
  }
  const has = () => over || (manner === 'reads' && length >= enough);
  const heard = (async () => {
    while (!has())
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    return 'heard' as const;
  })();
  let bound: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>(resolve => {
    bound = setTimeout(() => resolve('late'), patience);
  });
  const how = await Promise.race([heard, late]);
  clearTimeout(bound);
  socket.destroy();
  const ended = connected ? 'ended' : 'refused';
  return {bytes: Buffer.concat(chunks), how: how === 'late' ? 'late' : over ? ended : 'enough'};
}
