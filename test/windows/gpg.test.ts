import {execFile} from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {isFullPath, parseRegistryText} from '../../windows/gnupg/find.ts';
import {launchCommand} from '../../windows/gnupg/launch.ts';
import {isNativePath, socketPath} from '../../windows/gnupg/place.ts';
import {echo, script} from './agents.ts';
import {
  message,
  startAgent,
  startRelay,
  type Teardown,
  type TestRelay,
  tempFolder,
  until,
} from './harness.ts';

const exec = promisify(execFile);
const LIST = message(11);

/** A GnuPG home of its own, whose daemons are ended with the test. */
async function gnupgHome(t: Teardown): Promise<string> {
  const home = await tempFolder(t);
  t.teardown(() => exec('gpgconf', ['--homedir', home, '--kill', 'all']));
  return home;
}

/** Asks gpg-agent for its process id, through the helper. */
async function agentPid(relay: TestRelay): Promise<number> {
  const channel = relay.open('assuan', 'gpg:agent-socket');
  channel.send(Buffer.from('GETINFO pid\n'));
  const pid = await until(() => {
    if (channel.failure) throw new Error(channel.failure.message);
    return /^D ([0-9]+)$/m.exec(channel.received.toString())?.[1];
  }, 'the pid');
  channel.end();
  await channel.close();
  return Number(pid);
}

test('gpg-agent is launched once for all who want it, and again when it has died', async t => {
  const relay = startRelay(t, {GNUPGHOME: await gnupgHome(t)});
  const pids = await Promise.all([1, 2, 3, 4, 5].map(() => agentPid(relay)));
  t.is(new Set(pids).size, 1);
  const [pid = 0] = pids;
  process.kill(pid, 'SIGKILL');
  t.not(await agentPid(relay), pid);
  t.is(relay.stderr, '');
});

test('the ssh socket of gpg-agent lists and takes keys', async t => {
  const home = await gnupgHome(t);
  const relay = startRelay(t, {GNUPGHOME: home});
  const channel = relay.open('ssh-agent', 'gpg:agent-ssh-socket');
  t.is((await channel.ask(LIST))[4], 12);
  t.is((await channel.ask(LIST))[4], 12);
  t.regex(channel.opened?.detail ?? '', /S\.gpg-agent\.ssh$/);
});

test('without gpgconf the way to GnuPG is shown', async t => {
  const folder = await tempFolder(t);
  const relay = startRelay(t, {PATH: folder});
  const channel = relay.open('assuan', 'gpg:agent-socket');
  t.deepEqual(await channel.failed(), {
    reason: 'gnupgMissing',
    message: 'gnupg was not found on windows: no gpgconf.exe on the path or in its usual folders',
    hint: 'winget.exe install GnuPG.Gpg4win',
  });
});

test('a gpgconf that names no folder is passed by, and named when there is no other', async t => {
  const folder = await tempFolder(t);
  await script(folder, 'gpgconf', 'echo agent-socket:elsewhere/S.gpg-agent');
  const other = await tempFolder(t);
  await script(other, 'gpgconf', `echo 'agent-socket:${other}/S.gpg-agent'`);
  await startAgent(t, path.join(other, 'S.gpg-agent'), echo);
  const both = startRelay(t, {PATH: [folder, other].join(path.delimiter)});
  t.is((await both.open('ssh-agent', 'gpg:agent-socket').ask(LIST))[4], 12);
  const alone = startRelay(t, {PATH: folder});
  t.deepEqual(await alone.open('assuan', 'gpg:agent-socket').failed(), {
    reason: 'gnupgMissing',
    message: `gnupg was not found on windows: ${folder}/gpgconf names no windows folder for its sockets`,
    hint: `see what it says: "${folder}/gpgconf" --list-dirs`,
  });
});

test('a gpgconf that others may change is not run, and named when there is no other', async t => {
  const folder = await tempFolder(t);
  const log = path.join(folder, 'ran');
  await script(folder, 'gpgconf', `echo ran >> '${log}'; echo 'agent-socket:${folder}/S.gpg-agent'`);
  const own = await tempFolder(t);
  await script(own, 'gpgconf', `echo 'agent-socket:${own}/S.gpg-agent'`);
  await startAgent(t, path.join(own, 'S.gpg-agent'), echo);
  for (const [place, mode] of [
    [folder, 0o777],
    [path.join(folder, 'gpgconf'), 0o722],
  ] as const) {
    await fs.chmod(place, mode);
    const both = startRelay(t, {PATH: [folder, own].join(path.delimiter)});
    t.is((await both.open('ssh-agent', 'gpg:agent-socket').ask(LIST))[4], 12);
    const alone = startRelay(t, {PATH: folder});
    t.deepEqual(await alone.open('assuan', 'gpg:agent-socket').failed(), {
      reason: 'gnupgMissing',
      message: `gnupg was not found on windows: ${folder}/gpgconf is not run, because ${place} may be changed by others`,
      hint: 'winget.exe install GnuPG.Gpg4win',
    });
    await fs.chmod(place, 0o755);
  }
  t.deepEqual(await fs.readdir(folder), ['gpgconf']);
});

test('folders that mean another place from elsewhere, or are on another machine, are not searched', t => {
  for (const folder of [
    'bin',
    '.',
    '',
    '\\\\tools',
    '\\tools',
    '/tools',
    'C:bin',
    '\\\\server\\share',
    '//wsl/x',
  ])
    t.false(isFullPath(folder, 'win32'), folder);
  for (const folder of ['C:\\GnuPG\\bin', 'd:/GnuPG/bin']) t.true(isFullPath(folder, 'win32'), folder);
  t.true(isFullPath('/usr/bin', 'linux'));
  t.false(isFullPath('bin', 'linux'));
});

test('a gpgconf that cannot launch is asked once by all who wait, and the hint says how to see why', async t => {
  const folder = await tempFolder(t);
  const log = path.join(folder, 'log');
  await script(
    folder,
    'gpgconf',
    `echo "$@" >> '${log}'
     [ "$1" = --list-dirs ] && echo 'agent-socket:${folder}/S.gpg%2dagent' && exit 0
     # as slow as a real one: all three come meanwhile
     /bin/sleep 1
     exit 2`,
  );
  const relay = startRelay(t, {PATH: folder});
  const channels = [1, 2, 3].map(() => relay.open('assuan', 'gpg:agent-socket'));
  for (const channel of channels)
    t.deepEqual(await channel.failed(), {
      reason: 'notStarted',
      message: `the program of ${folder}/S.gpg-agent could not be launched`,
      hint: 'gpgconf.exe --launch gpg-agent',
    });
  const calls = (await fs.readFile(log, 'utf8')).split('\n');
  t.is(calls.filter(call => call === '--launch gpg-agent').length, 1);
});

test('a socket that nobody serves any more is launched for, once, whatever else is in the list', async t => {
  const folder = await tempFolder(t);
  const log = path.join(folder, 'log');
  await script(
    folder,
    'gpgconf',
    `[ "$1" = --list-dirs ] && echo 'agent-socket:${folder}/S.gpg-agent' && exit 0
     echo "$@" >> '${log}'
     exit 2`,
  );
  // Node removes the socket that it made; under another name it stays, as after a crash.
  const server = await startAgent(t, path.join(folder, 'made'), () => {});
  await fs.rename(path.join(folder, 'made'), path.join(folder, 'S.gpg-agent'));
  await new Promise(resolve => server.close(resolve));
  const relay = startRelay(t, {PATH: folder});
  const channel = relay.open('assuan', `pipe:${folder}/absent`, 'gpg:agent-socket');
  t.is((await channel.failed()).reason, 'notStarted');
  t.is(await fs.readFile(log, 'utf8'), '--launch gpg-agent\n');
});

test('folders are asked for once, and again when a socket is not there', async t => {
  const folder = await tempFolder(t);
  const log = path.join(folder, 'log');
  await script(
    folder,
    'gpgconf',
    `echo "$@" >> '${log}'
     [ "$1" = --list-dirs ] && echo 'agent-socket:${folder}/S.gpg-agent' &&
     echo 'agent-ssh-socket:${folder}/S.gpg-agent.ssh' && exit 0
     exit 2`,
  );
  await startAgent(t, path.join(folder, 'S.gpg-agent.ssh'), echo);
  const relay = startRelay(t, {PATH: folder});
  const asked = async (): Promise<number> =>
    (await fs.readFile(log, 'utf8')).split('\n').filter(call => call === '--list-dirs').length;
  for (let round = 0; round < 3; round++) await relay.open('ssh-agent', 'gpg:agent-ssh-socket').ask(LIST);
  t.is(await asked(), 1);
  await relay.open('assuan', 'gpg:agent-socket').failed();
  t.is(await asked(), 2);
});

test('a socket that gpgconf does not name is beside the others', t => {
  const dirs = new Map([['agent-socket', '/run/gnupg/S.gpg-agent']]);
  t.is(socketPath(dirs, 'agent-socket'), '/run/gnupg/S.gpg-agent');
  t.is(socketPath(dirs, 'scdaemon-socket'), '/run/gnupg/S.scdaemon');
  t.is(socketPath(dirs.set('socketdir', '/else'), 'agent-browser-socket'), '/else/S.gpg-agent.browser');
});

test('only a path of the system itself is a socket’s place', t => {
  t.true(isNativePath('C:\\Users\\Ada\\AppData\\Local\\gnupg\\S.gpg-agent', 'win32'));
  t.true(isNativePath('d:/gnupg/S.gpg-agent', 'win32'));
  t.true(isNativePath('\\\\server\\profiles\\ada\\S.gpg-agent', 'win32'));
  t.true(isNativePath('/run/user/1000/gnupg/S.gpg-agent', 'linux'));
  // Git for Windows; Cygwin; a gpgconf that names none
  for (const file of ['/c/Users/ada/.gnupg/S.gpg-agent', '/home/ada/.gnupg/S.gpg-agent', '', 'C:S.gpg-agent'])
    t.false(isNativePath(file, 'win32'), file);
});

test('each socket’s program is started by its own command', t => {
  const gpgconf = '/usr/bin/gpgconf';
  t.deepEqual(launchCommand(gpgconf, 'agent-extra-socket'), [gpgconf, '--launch', 'gpg-agent']);
  t.deepEqual(launchCommand(gpgconf, 'dirmngr-socket'), [gpgconf, '--launch', 'dirmngr']);
  t.deepEqual(launchCommand(gpgconf, 'scdaemon-socket'), [
    '/usr/bin/gpg-connect-agent',
    'SCD GETINFO version',
    '/bye',
  ]);
});

test('the registry’s answer', t => {
  const output =
    '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\GnuPG\r\n    Install Directory    REG_SZ    C:\\Program Files (x86)\\GnuPG\r\n\r\n';
  t.is(parseRegistryText(output, 'Install Directory'), 'C:\\Program Files (x86)\\GnuPG');
  t.is(parseRegistryText(output, 'Other'), undefined);
  t.is(parseRegistryText('ERROR: The system was unable to find', 'Install Directory'), undefined);
});
