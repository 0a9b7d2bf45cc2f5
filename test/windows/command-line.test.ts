import test from 'ava';
import {VERSION} from '../../shared/version.ts';
import {outcome, startHelper} from './harness.ts';

test.serial('--version is one line', async t => {
  const {code, stdout, stderr} = await outcome(startHelper(t, ['--version']));
  const {version, platform, arch} = process;
  t.is(
    stdout.toString(),
    `wslagent-helper ${VERSION} (relay protocol 2, node ${version}, ${platform} ${arch})\n`,
  );
  t.is(code, 0);
  t.is(stderr, '');
});

test.serial('--help ends in an example, and fits a terminal of 120 columns', async t => {
  const {code, stdout, stderr} = await outcome(startHelper(t, ['--help']));
  t.is(code, 0);
  t.is(stderr, '');
  const text = stdout.toString();
  t.regex(text, /^usage: wslagent-helper serve\n[\s\S]*\nexample: .*\n {2}socat [\s\S]*ssh-add -l\n$/);
  t.deepEqual(
    text.split('\n').filter(line => line.length > 120),
    [],
  );
});

test.serial('help is there after a verb, too', async t => {
  const whole = await outcome(startHelper(t, ['--help']));
  for (const verb of ['serve', 'connect', 'probe']) {
    const {code, stdout} = await outcome(startHelper(t, [verb, '--help']));
    t.is(code, 0);
    t.is(stdout.toString(), whole.stdout.toString());
  }
});

const wrong: [string[], string, string?][] = [
  [[], 'no verb'],
  [['frob'], 'unknown verb "frob"'],
  [['serve', 'x'], 'serve takes no arguments, and got "x"'],
  [['connect'], 'connect needs a target', 'name one, such as --target pipe:openssh-ssh-agent'],
  [['connect', '--frob'], 'unknown option "--frob"'],
  [['connect', '--target'], '--target needs a value'],
  [['connect', '--target='], '--target needs a value'],
  [['connect', '--target', '--protocol', 'raw'], '--target needs a value'],
  [
    ['probe', '--protocol', 'raw', '--protocol', 'assuan'],
    '--protocol is given twice, and there can be only one',
  ],
  [['probe', '--trust-any-owner=yes'], 'unknown option "--trust-any-owner"'],
  [['probe', 'x'], 'unknown option "x"'],
  [
    ['connect', '--target', 'pipe:x', '--protocol', 'ssh'],
    'unknown protocol "ssh"',
    'known: raw, ssh-agent, assuan',
  ],
  [['connect', '--target', 'gpg:x'], 'unknown gpg socket "x"'],
  [['probe', '--target=pipe:'], 'target "pipe:" names no pipe', 'write pipe:NAME or //./pipe/NAME'],
  [['connect', ...Array.from({length: 17}, () => '--target=pipe:x')], 'more than 16 targets'],
];
for (const [args, sentence, hint] of wrong)
  test.serial(`usage: ${args.slice(0, 4).join(' ')}`, async t => {
    const {code, stdout, stderr} = await outcome(startHelper(t, args));
    t.is(code, 2);
    t.is(stdout.length, 0);
    const [error, second] = stderr.split('\n');
    t.is(error, `wslagent-helper: error: ${sentence}`);
    t.regex(second ?? '', /^wslagent-helper: hint: /);
    if (hint !== undefined) t.is(second, `wslagent-helper: hint: ${hint}`);
  });

const odd: [string[], number][] = [
  [[''], 2],
  [['-'], 1],
  [['--'], 1],
  [['-a'], 1],
  [['-a', ''], 1],
  [['-v=maybe', 'pipe:x'], 2],
  [['--=x'], 2],
  [['---v'], 2],
  [['-ei', '-ei', '-ep=false'], 1],
  [['pipe:x', '-v'], 1],
  [['C:\\'], 1],
  [['-a', 'pipe:'], 1],
  [[':'], 1],
  [['//./pipe/'], 1],
  [['\u{1f511}:x'], 1],
];
for (const [args, expected] of odd)
  test.serial(
    `npiperelay's command line: ${JSON.stringify(args)} ends with ${expected}, without a stack`,
    async t => {
      const {code, stdout, stderr} = await outcome(startHelper(t, args));
      t.is(code, expected, stderr);
      t.is(stdout.length, 0);
      t.notRegex(stderr, /internal error|^ +at /m);
    },
  );
