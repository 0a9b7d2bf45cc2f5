// needs: systemd, pageant, ssh, gpg
import {readFileSync} from 'node:fs';
import test from 'ava';
import {
  changes,
  GNUPG_UNITS,
  home,
  removeWhenEmpty,
  state,
  status,
  succeeds,
  twin,
  useInstallBed,
  wslagent,
} from './install-bed.ts';

useInstallBed(test);

test.serial('the distribution’s agent, when it runs, makes room and comes back', async t => {
  await twin.run('gpg-connect-agent', ['/bye']);
  t.regex(await state('gpg-agent.service'), /ActiveState=active/);
  await succeeds(t, ['install', 'gpg', '--now']);
  t.regex(await state('gpg-agent.service'), /ActiveState=inactive/);
  await succeeds(t, ['uninstall']);
  t.regex(await state('gpg-agent.service'), /ActiveState=active/);
  await twin.run('systemctl', ['--user', 'stop', 'gpg-agent.service']);
  t.deepEqual(await changes(), []);
});

test.serial('an agent that nobody’s unit started is ended too', async t => {
  await twin.run('systemctl', ['--user', 'stop', ...GNUPG_UNITS, 'gpg-agent-browser.socket']);
  await twin.run('gpg-connect-agent', ['/bye']);
  const {stdout} = await wslagent(['install', 'gpg', '--now']);
  t.regex(stdout, /^ended gpg-agent \(pid \d+; it listens where gpg must find wslagent\)$/m);
  const [gpg] = (await status()).endpoints;
  t.deepEqual(
    gpg?.holders.map(({program}) => program),
    ['systemd'],
  );
  await wslagent(['uninstall']);
  await twin.run('systemctl', [
    '--user',
    'start',
    'sockets.target',
    ...GNUPG_UNITS.slice(1),
    'gpg-agent-browser.socket',
  ]);
  t.deepEqual(await changes(), []);
});

test.serial('units that were masked before stay masked', async t => {
  await twin.run('systemctl', ['--user', 'mask', '--now', 'gpg-agent-extra.socket']);
  await wslagent(['install', 'gpg', '--now']);
  await wslagent(['uninstall']);
  t.regex(await state('gpg-agent-extra.socket'), /LoadState=masked/);
  t.regex(await state('gpg-agent.socket'), /LoadState=loaded\nActiveState=active/);
  await twin.run('systemctl', ['--user', 'unmask', 'gpg-agent-extra.socket']);
  await twin.run('systemctl', ['--user', 'start', 'gpg-agent-extra.socket']);
  await removeWhenEmpty(home('.config/systemd/user'), home('.config/systemd'));
  t.deepEqual(await changes(), []);
});

test.serial('a socket beside the agent is taken without ending the agent', async t => {
  await wslagent(['install', 'gpg-ssh', '--now']);
  t.regex(await state('gpg-agent-ssh.socket'), /LoadState=masked/);
  t.regex(await state('gpg-agent.socket'), /LoadState=loaded\nActiveState=active/);
  t.is(readFileSync(home('.gnupg/gpg.conf'), 'utf8'), 'no-greeting\n');
  await wslagent(['install', 'gpg', '--now']);
  t.regex(await state('gpg-agent.socket'), /LoadState=masked/);
  t.regex(readFileSync(home('.gnupg/gpg.conf'), 'utf8'), /^no-autostart$/m);
  await succeeds(t, ['uninstall', 'gpg']);
  t.regex(await state('gpg-agent-ssh.socket'), /LoadState=masked/);
  t.regex(await state('gpg-agent.socket'), /LoadState=loaded\nActiveState=active/);
  t.is(readFileSync(home('.gnupg/gpg.conf'), 'utf8'), 'no-greeting\n');
  // the agent runs, and its unit takes no further socket while it does
  await twin.run('gpg-connect-agent', ['/bye']);
  t.regex(await state('gpg-agent.service'), /ActiveState=active/);
  const {stderr} = await wslagent(['uninstall']);
  t.is(stderr, '');
  await twin.run('systemctl', ['--user', 'stop', 'gpg-agent.service']);
  t.deepEqual(await changes(), []);
});
