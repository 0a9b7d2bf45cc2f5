// needs: systemd, pageant, ssh
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {poll} from '../poll.ts';
import {
  home,
  loginShell,
  socket,
  state,
  status,
  succeeds,
  twin,
  useInstallBed,
  wslagent,
} from './install-bed.ts';
import {shell, typeAll, typedHints} from './type-hints.ts';

useInstallBed(test);

const config = () => home('.config/wslagent/config.toml');
const systemctl = (...args: string[]) => twin.run('systemctl', ['--user', ...args]);
const list = () => loginShell('ssh-add -l');

let kept = '';
test.beforeEach(() => {
  kept = readFileSync(config(), 'utf8');
});
test.afterEach.always(() => writeFileSync(config(), kept));

/** Lets `ssh` lead to another pipe. */
async function leadTo(pipe: string): Promise<void> {
  writeFileSync(config(), kept.replace(/targets = \[.*\]/, `targets = ["${pipe}"]`));
  await systemctl('stop', 'wslagent.service');
}

test.serial('fine is only what was seen to work', async t => {
  await succeeds(t, ['install', 'ssh', '--now']);
  const unused = await wslagent(['status']);
  t.is(unused.exitCode, 0);
  t.regex(unused.stdout, /: nothing is wrong, and nobody has used ssh yet\nssh .*; nobody has used it yet\n/);
  t.is((await status()).endpoints[0]?.last, null);
  const [, line = ''] = /^to try +type: (.*)$/m.exec(unused.stdout) ?? [];
  t.regex((await shell(line)).stdout, /the key/);
  const used = await wslagent(['status']);
  t.is(used.exitCode, 0);
  t.regex(used.stdout, /: all fine\nssh .*; served its last client at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n/);

  await leadTo('pipe:nobody');
  await list();
  const failed = await wslagent(['status']);
  t.is(failed.exitCode, 1);
  t.regex(failed.stdout, /: something is wrong\nssh .*; did not serve its last client at /);
  t.regex(failed.stdout, /^problem +the last client of ssh was not served: pipe \S+nobody does not exist$/m);
  const {endpoints} = await status();
  t.like(endpoints[0]?.last, {served: false});

  // nobody writes down whom the relay served then: an old failure would stay the last word for good
  writeFileSync(config(), `[relay]\nlog_level = "warning"\n${kept}`);
  await systemctl('stop', 'wslagent.service');
  t.regex((await list()).stdout, /the key/);
  t.is((await status()).state, 'problem', 'within the hour');
});

test.serial(
  'the last lines of the journal are the newest, in the order in which they were written',
  async t => {
    await succeeds(t, ['install', 'ssh', '--now']);
    for (let number = 1; number <= 5; number++) {
      await leadTo(`pipe:nobody${number}`);
      await list();
    }
    await poll('the last line', 10_000, async () => (await status()).journal.join().includes('nobody5'));
    t.deepEqual(
      (await status()).journal.map(line => /nobody\d/.exec(line)?.[0]),
      ['nobody3', 'nobody4', 'nobody5'],
    );
  },
);

test.serial('a configuration that is wrong is a problem before a client has found out', async t => {
  await succeeds(t, ['install', 'ssh', '--now']);
  t.regex((await list()).stdout, /the key/);
  writeFileSync(config(), `nope = 1\n${kept}`);
  const {exitCode, stdout} = await wslagent(['status']);
  t.is(exitCode, 1);
  t.regex(stdout, /^problem +\S+config\.toml: nope: is not a known key\n +mend the file; docs/m);
  // a sentence is nothing to type
  t.deepEqual((await status()).problems[0]?.type, []);

  writeFileSync(
    config(),
    kept.replace('[endpoints.ssh]', '[endpoints.ssh]\nlisten = "%t/wslagent/other.sock"'),
  );
  const moved = await status();
  t.regex(
    moved.problems[0]?.what ?? '',
    /ssh is to listen on \S+other\.sock, and was installed for \S+ssh\.sock/,
  );
  await typeAll(t, [...new Set(moved.problems.flatMap(({type}) => type))]);
  t.deepEqual((await status()).problems, []);
  t.regex((await list()).stdout, /the key/);
});

test.serial('a relay that failed is named with its last error, and with the cure', async t => {
  await succeeds(t, ['install', 'ssh', '--now']);
  writeFileSync(config(), `nope = 1\n${kept}`);
  for (let client = 0; client < 3; client++) await list();
  await poll('the failure', 10_000, async () => /=failed/.test(await state('wslagent.service')));
  const broken = await status();
  t.deepEqual([broken.state, broken.relay?.state], ['problem', 'failed']);
  t.regex(
    broken.problems[1]?.what ?? '',
    /^wslagent\.service failed: \S+config\.toml: nope: is not a known key$/,
  );
  t.deepEqual(broken.problems[1]?.type, ['systemctl --user restart wslagent.service']);
  t.regex((await wslagent(['status'])).stdout, /^relay +failed$/m);

  // what systemd forgets is not mended
  await systemctl('reset-failed', 'wslagent.service');
  t.regex((await status()).problems[1]?.what ?? '', /^wslagent\.service failed: /);
  writeFileSync(config(), kept);
  await typeAll(t, broken.problems[1]?.type ?? []);
  t.deepEqual((await status()).problems, []);
});

test.serial('in direct mode the last connection decides as well', async t => {
  await succeeds(t, ['install', 'ssh', '--mode', 'direct', '--now']);
  t.regex((await wslagent(['status'])).stdout, /nobody has used ssh yet/);
  t.regex((await list()).stdout, /the key/);
  await poll('the word', 10_000, async () => (await status()).endpoints[0]?.last?.served === true);
  t.regex((await wslagent(['status'])).stdout, /: all fine\n/);
  await leadTo('pipe:nobody');
  await succeeds(t, ['install', '--now']);
  await list();
  await poll('the word', 10_000, async () => (await status()).endpoints[0]?.last?.served === false);
  const {problems} = await status();
  t.regex(problems[0]?.what ?? '', /the last client of ssh was not served: .*nobody does not exist/);
});

test.serial('without a journal nothing is claimed', async t => {
  await succeeds(t, ['install', 'ssh', '--now']);
  t.regex((await list()).stdout, /the key/);
  const folder = join(twin.env.TMPDIR ?? '', 'no-journal');
  mkdirSync(folder);
  writeFileSync(join(folder, 'journalctl'), '#!/bin/sh\nexit 1\n', {mode: 0o755});
  const {exitCode, stdout} = await wslagent(['status'], {env: {PATH: `${folder}:${twin.env.PATH}`}});
  rmSync(folder, {recursive: true});
  t.is(exitCode, 0);
  t.regex(stdout, /: nothing wrong is to be seen\n/);
  t.regex(stdout, /^journal +cannot be read, so nobody knows who was served$/m);
});

test.serial('what a repair would do is what it does, also for those who start it themselves', async t => {
  await succeeds(t, ['install', 'ssh', '--now']);
  t.regex((await list()).stdout, /the key/);
  rmSync(socket('wslagent'), {recursive: true});
  const planned = (await wslagent(['install', '--now', '--dry-run'])).stdout;
  t.regex(planned, /^would run systemctl --user stop wslagent-ssh\.socket wslagent\.service$/m);
  t.is((await status()).state, 'problem', 'nothing was done');
  const typed = /^to start it: (.*)$/m.exec((await wslagent(['install'])).stdout)?.[1] ?? '';
  const done = (await wslagent(['install', '--now'])).stdout;
  t.deepEqual(
    done.split('\n').filter(line => line.startsWith('ran ')),
    planned
      .split('\n')
      .filter(line => line.startsWith('would '))
      .map(line => line.replace('would run', 'ran')),
  );
  t.is((await wslagent(['install', '--now'])).stdout, 'nothing to change\n');
  t.regex((await list()).stdout, /the key/);

  rmSync(socket('wslagent'), {recursive: true});
  await typeAll(t, [typed]);
  t.regex((await list()).stdout, /the key/);
  t.deepEqual((await status()).problems, []);
});

test.serial('without an installation it is advised what the README does', async t => {
  const {exitCode, stderr} = await wslagent(['status']);
  t.is(exitCode, 3);
  const [line = '', ...rest] = typedHints(stderr);
  t.deepEqual(rest, []);
  t.true(
    readFileSync(new URL('../../../README.md', import.meta.url), 'utf8').includes(
      `\`${line}\`, which this ends in`,
    ),
  );
  t.is((await wslagent(['status', '--json'])).exitCode, 3);
  t.is((await status()).state, 'not installed');
});
