import test from 'ava';
import {UserError} from '../../../linux/errors.ts';
import {ChangedMeanwhile} from '../../../linux/install/apply.ts';
import {filesOf, untilUnchanged} from '../../../linux/install/until-unchanged.ts';

test('a plan that was overtaken by an edit is made anew; what it has to say is said once', async t => {
  const said: string[] = [];
  let plans = 0;
  await untilUnchanged(undefined, {warn: ({text}) => said.push(text)}, async () => {
    const now = ++plans;
    const apply = async () => {
      if (now < 3) throw new ChangedMeanwhile('/h/.profile');
    };
    return {notes: [{text: 'the same'}, {text: `round ${now}`}], apply};
  });
  t.is(plans, 3);
  t.deepEqual(said, ['the same', 'round 1', 'round 2', 'round 3']);
});

test('a file that is never left alone ends it, and is named', async t => {
  let plans = 0;
  const endless = untilUnchanged(undefined, {warn() {}}, async () => {
    plans++;
    return {
      notes: [],
      apply: async () => {
        throw new ChangedMeanwhile('/h/.profile');
      },
    };
  });
  await t.throwsAsync(endless, {
    instanceOf: UserError,
    message: /^\/h\/\.profile is changed again and again/,
  });
  t.true(plans > 1 && plans < 20);
});

test('any other failure is one', async t => {
  const failing = untilUnchanged(undefined, {warn() {}}, async () => ({
    notes: [],
    apply: async () => {
      throw new Error('no');
    },
  }));
  await t.throwsAsync(failing, {message: 'no'});
});

test('whatever may wait beside its place is known from the record', t => {
  const sha256 = 'a'.repeat(64);
  const record = {
    schema: 1 as const,
    version: '1',
    mode: 'daemon' as const,
    endpoints: [],
    program: [],
    helper: ['x'],
    entries: [
      {kind: 'folder' as const, path: '/h'},
      {kind: 'exe' as const, owner: 'helper' as const, path: '/c/x.exe', sha256},
      {kind: 'file' as const, owner: 'relay' as const, path: '/nowhere/unit', sha256},
    ],
  };
  t.deepEqual(filesOf(record), ['/c/x.exe', '/c/x.exe.old', '/nowhere/unit', '/nowhere/unit']);
  t.deepEqual(filesOf(undefined), []);
});
