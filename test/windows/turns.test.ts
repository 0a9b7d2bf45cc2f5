import test from 'ava';
import {inTurn} from '../../windows/targets/turns.ts';

test('work for one key is done in turn, also after a failure; other keys do not wait', async t => {
  const log: string[] = [];
  let release = (): void => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  const first = inTurn('pipe', async () => {
    log.push('first begins');
    await held;
    log.push('first fails');
    throw new Error('busy');
  });
  const second = inTurn('pipe', async () => {
    log.push('second');
    return 2;
  });
  const other = inTurn('other', async () => log.push('other'));
  await other;
  t.deepEqual(log, ['first begins', 'other']);
  release();
  await t.throwsAsync(first, {message: 'busy'});
  t.is(await second, 2);
  t.deepEqual(log, ['first begins', 'other', 'first fails', 'second']);
});
