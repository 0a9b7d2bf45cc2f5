// needs: pageant, ssh
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';

const CLI = join(import.meta.dirname, '../../dist/wslagent.mjs');
/** What the trial enters its namespaces with; here they are around us already, and look like WSL to the CLI. */
const IN_TWIN = join(import.meta.dirname, 'trial.ts');

/** Every step that a trial shows, in its order. */
const STEPS = [
  'first connection',
  'ssh-add -l',
  'ssh-add -L',
  'ssh-add -T',
  'ssh-keygen -Y sign',
  'ssh-keygen -Y verify',
  'next connection',
];

test.serial('the trial shows each step with Pageant and the exe', async t => {
  t.timeout(180_000);
  const {stdout, stderr, exitCode} = await execa(process.execPath, [IN_TWIN], {
    reject: false,
    stdin: 'ignore',
  });
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.regex(stdout, /^ {2}agent +Pageant for Windows .* at \/\/\.\/pipe\/pageant\./m);
  t.regex(stdout, /^ {2}helper +\S*wslagent-helper\.exe, started by the kernel/m);
  t.regex(stdout, /^ {4}256 SHA256:\S+ wslagent trial \(ED25519\)$/m);
  for (const step of STEPS) t.regex(stdout, new RegExp(`^ {2}${step} +ok, \\d`, 'm'));
});

test.serial('without a Windows side the same chain runs on Node, and the trial says why', async t => {
  t.timeout(60_000);
  const {stdout, stderr, exitCode} = await execa(process.execPath, [CLI, 'trial', '--node'], {
    reject: false,
    stdin: 'ignore',
  });
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.regex(stdout, /^ {2}windows side +not here, so its parts run on Linux:\n {4}--node was asked for$/m);
  t.regex(stdout, /^ {2}helper +\S+wslagent-helper\.cjs on Node/m);
  for (const step of STEPS) t.regex(stdout, new RegExp(`^ {2}${step} +ok, \\d`, 'm'));
});

test.serial('a trial without OpenSSH names what to install', async t => {
  t.timeout(60_000);
  const env = {NODE_OPTIONS: '', PATH: join(import.meta.dirname, 'nowhere')};
  const {stdout, stderr, exitCode} = await execa(process.execPath, [CLI, 'trial', '--node'], {
    env,
    reject: false,
    stdin: 'ignore',
  });
  t.is(stdout, '');
  t.is(exitCode, 1);
  t.is(
    stderr,
    'wslagent: error: ssh-agent, ssh-add, ssh-keygen not installed\nwslagent: hint: sudo apt-get install openssh-client',
  );
});
