import test from 'ava';
import {TapReader} from '../../.ci/test/tap.ts';

function read(text: string) {
  const reader = new TapReader();
  const shown = text.split('\n').map(line => reader.line(line));
  return {shown: shown.filter(line => line !== undefined), counts: reader.counts};
}

test('results are shown and counted, the frame around them is not', t => {
  const {shown, counts} = read(
    'TAP version 13\nok 1 - a - b\nnot ok 2 - c\n\n1..2\n# tests 2\n# pass 1\n# fail 1\n',
  );
  t.deepEqual(shown, ['  ✔ a - b', '  ✘ c']);
  t.deepEqual(counts, {passed: 1, failed: 1});
});

test('what explains a failure is shown as it is', t => {
  const block = '  ---\n    name: AssertionError\n    values:\n      ok 1 - looks like a result\n  ...';
  const {shown, counts} = read(`not ok 1 - a\n${block}`);
  t.is(shown.slice(1).join('\n'), block);
  t.deepEqual(counts, {passed: 0, failed: 1});
});

test('tests that never ended are in the totals only, and count as failed', t => {
  const {counts} = read('ok 1 - a\n1..1\n# tests 3\n# pass 1\n# fail 2');
  t.deepEqual(counts, {passed: 1, failed: 2});
});

test('a run that breaks off before its totals keeps what was seen', t => {
  const {counts} = read('ok 1 - a\nok 2 - b\nnot ok 3 - c');
  t.deepEqual(counts, {passed: 2, failed: 1});
});
