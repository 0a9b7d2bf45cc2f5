import test from 'ava';
import {Backoff} from '../../../linux/relay/backoff.ts';

test('the pause doubles up to half a minute, and begins anew after a success', t => {
  const backoff = new Backoff();
  const pauses = Array.from({length: 7}, () => backoff.failed());
  t.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  backoff.succeeded();
  t.is(backoff.failed(), 1000);
});
