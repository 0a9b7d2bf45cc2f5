import test from 'ava';
import {Backoff} from '../../../linux/relay/backoff.ts';

test('the pause doubles up to half an hour, and begins anew after a success', t => {
  const backoff = new Backoff();
  const pauses = Array.from({length: 13}, () => backoff.failed() / 1000);
  t.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1800, 1800]);
  backoff.succeeded();
  t.is(backoff.failed(), 1000);
});
