import test from 'ava';
import {VERSION} from '../../shared/version.ts';
import {outcome, startHelper} from './harness.ts';

test.serial('--version is one line', async t => {
  const {code, stdout, stderr} = await outcome(startHelper(t, ['--version']));
  const {version, platform, arch} = process;
  t.is(
    stdout.toString(),
    `wslagent-helper ${VERSION} (relay protocol 1, node ${version}, ${platform} ${arch})\n`,
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

const wrong: [string[], string, string?][] = [
  [[], 'no verb'],
  [['frob'], 'unknown verb "frob"'],
  [['serve', 'x'], 'serve takes no arguments, and got "x"'],
  [['connect'], 'connect needs a target', 'name one, such as --target pipe:openssh-ssh-agent'],
  [['connect', '--frob'], 'unknown option "--frob"'],
  [['connect', '--target'], '--target needs a value'],
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
