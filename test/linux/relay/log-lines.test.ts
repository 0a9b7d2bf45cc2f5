import {PassThrough} from 'node:stream';
import test from 'ava';
import {LogLines} from '../../../linux/relay/log-lines.ts';

const DAY = 24 * 3600 * 1000;

test.serial('a wall clock that is set back a day silences nobody', async t => {
  const [now, wall] = [performance.now, Date.now];
  t.teardown(() => {
    performance.now = now;
    Date.now = wall;
  });
  const said: string[] = [];
  const stream = new PassThrough();
  new LogLines(stream, line => said.push(line));
  const write = (text: string) =>
    new Promise<void>(resolve => stream.write(text, () => setImmediate(resolve)));
  await write('too much\n'.repeat(102));
  t.is(said.length, 100);
  Date.now = () => wall() - DAY;
  performance.now = () => now.call(performance) + 11_000;
  await write('an error\n');
  t.deepEqual(said.slice(100), ['2 more lines were left out', 'an error']);
});
