import {PassThrough} from 'node:stream';
import test from 'ava';
import {UserError} from '../../../linux/errors.ts';
import {type Asking, agreed} from '../../../linux/install/ask-person.ts';
import {personAt} from '../../../linux/install/confirm.ts';
import type {Discovery} from '../../../linux/install/discover.ts';

const discovery: Discovery = {
  choice: {
    endpoints: [
      {
        name: 'ssh',
        configured: false,
        targets: [{target: 'pageant', who: 'Pageant', state: 'answers, 1 key'}],
      },
    ],
    notes: [{text: 'gpg is left out: no gpg', hint: 'sudo apt-get install gnupg'}],
  },
  helper: {words: ['helper'], variable: undefined, items: []},
  notes: [],
};
const asking: Asking = {yes: false, dryRun: false, now: false, force: false, mode: undefined};

const SHOWN = [
  'found on Windows:',
  '  ssh  <- Pageant (answers, 1 key)',
  '  note: gpg is left out: no gpg',
  '        sudo apt-get install gnupg',
];

/** A terminal, or what is none, with what is shown on it. */
function terminal(isTTY: boolean) {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()].map(stream =>
    Object.assign(stream, {isTTY}),
  );
  if (stdin === undefined || stderr === undefined) throw new Error('no streams');
  return {stdin, stderr, shown: () => String(stderr.read() ?? '')};
}

const answers: [typed: string, yes: boolean][] = [
  ['y\n', true],
  ['Y\n', true],
  [' yes \n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  ['no, y\n', false],
];
for (const [typed, yes] of answers)
  test(`${JSON.stringify(typed)} is a ${yes ? 'yes' : 'no'}`, async t => {
    const {stdin, stderr, shown} = terminal(true);
    const told: string[] = [];
    stdin.write(typed);
    const answer = await agreed(discovery, asking, personAt({stdin, stderr}), line => told.push(line));
    t.is(answer, yes);
    t.deepEqual(told, SHOWN);
    t.regex(shown(), /install ssh like this\? \[y\/N\] /);
  });

test('the end of input is a no, on a line of its own', async t => {
  const {stdin, stderr, shown} = terminal(true);
  stdin.end();
  t.false(await agreed(discovery, asking, personAt({stdin, stderr}), () => {}));
  t.regex(shown(), /\[y\/N\] .*\n$/);
});

for (const flag of ['yes', 'dryRun'] as const)
  test(`${flag} is shown the choice and not asked`, async t => {
    const {stdin, stderr, shown} = terminal(true);
    const told: string[] = [];
    const options = {...asking, [flag]: true};
    t.true(await agreed(discovery, options, personAt({stdin, stderr}), line => told.push(line)));
    t.deepEqual(told, SHOWN);
    t.is(shown(), '');
  });

const commands: [Partial<Asking>, string][] = [
  [{}, 'wslagent install --yes'],
  [{now: true}, 'wslagent install --yes --now'],
  [{now: true, force: true, mode: 'direct'}, 'wslagent install --yes --now --force --mode direct'],
];
for (const [options, command] of commands)
  test(`with nobody there: ${command}`, async t => {
    const {stdin, stderr} = terminal(false);
    const told: string[] = [];
    const asked = agreed(discovery, {...asking, ...options}, personAt({stdin, stderr}), line =>
      told.push(line),
    );
    const error = await t.throwsAsync(asked, {instanceOf: UserError});
    t.is(error.hint, command);
    t.is(error.exit, 'usage');
    t.deepEqual(told, SHOWN);
  });

test('a terminal for input alone is nobody who could see the question', async t => {
  const {stdin} = terminal(true);
  const {stderr} = terminal(false);
  t.false(personAt({stdin, stderr}).present);
  await t.throwsAsync(agreed(discovery, asking, personAt({stdin, stderr}), () => {}));
});
