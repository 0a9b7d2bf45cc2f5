import {spawn} from 'node:child_process';
import {existsSync, readdirSync, statSync} from 'node:fs';
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {commandLine, processesIn} from './processes.ts';
import {startTwin, type Twin, twinHasSystemd} from './twin.ts';

let twin: Twin;
let cmd: string;

test.before(async () => {
  process.env.SSH_AUTH_SOCK = '/outside';
  twin = await startTwin({systemd: twinHasSystemd()});
  cmd = twin.toLinux('c:\\Windows\\system32\\CMD.exe');
});

test.after.always(async () => {
  await twin.stop();
});

test('a Windows program runs by its name, with its arguments, output and exit code', async t => {
  const {exitCode, stdout, stderr} = await twin.run(cmd, ['/c', 'echo out& echo err>&2& exit 3']);
  t.is(exitCode, 3);
  t.is(stdout, 'out\r\n');
  t.is(stderr, 'err\r\n');
});

test('its output ends when it ends: no process of Wine keeps the pipe open', async t => {
  const {exitCode, stdout} = await execa(cmd, ['/c', 'echo done'], {
    env: twin.env,
    extendEnv: false,
    timeout: 30_000,
  });
  t.is(exitCode, 0);
  t.is(stdout.trim(), 'done');
});

test('the environment has nothing of the outside', async t => {
  const {stdout} = await twin.run('env', []);
  t.false(/SSH_AUTH_SOCK|GNUPGHOME|WSL_INTEROP|DISPLAY/.test(stdout));
  t.true(twin.env.PATH?.split(':').every(folder => !folder.startsWith('/mnt/')));
  t.is(statSync(twin.runtimeDir).mode & 0o777, 0o700);
  t.is(twin.runtimeDir, `/run/user/${process.getuid?.()}`);
});

test("ssh uses the twin's home, not the machine's", async t => {
  await mkdir(path.join(twin.home, '.ssh'));
  await writeFile(path.join(twin.home, '.ssh/config'), 'Host probe\nPort 4242\n');
  t.regex((await twin.run('ssh', ['-G', 'probe'])).stdout, /^port 4242$/m);
});

test('of the Linux environment a Windows program gets what WSLENV names, as in WSL', async t => {
  const {stdout} = await twin.run(cmd, ['/c', 'set'], {
    env: {
      WSLENV: 'PLAIN:AWAY/u:FILE/p:LIST/l:EMPTY:bad name/p:9',
      PLAIN: `it's "1" $HOME`,
      AWAY: 'x',
      HIDDEN: 'x',
      EMPTY: '',
      FILE: '/etc',
      LIST: `/etc:${twin.localAppData.linux}`,
    },
  });
  const lines = stdout.split('\r\n');
  t.true(lines.includes(`PLAIN=it's "1" $HOME`));
  t.true(lines.includes('FILE=Z:\\etc'));
  t.true(lines.includes(`LIST=Z:\\etc;${twin.localAppData.windows}`));
  t.true(lines.includes(`LOCALAPPDATA=${twin.localAppData.windows}`));
  t.true(lines.includes('USERNAME=Ada Lovelace'));
  t.deepEqual(
    lines.filter(line => /^(AWAY|HIDDEN|EMPTY|TMPDIR|XDG_RUNTIME_DIR|WSL_DISTRO_NAME)=/.test(line)),
    [],
  );
});

const pairs = [
  ['C:\\', ''],
  ['C:\\windows\\system32', 'windows/system32'],
  ['C:\\users\\Ada Lovelace\\AppData\\Local', 'users/Ada Lovelace/AppData/Local'],
] as const;

for (const [windows, linux] of pairs) {
  test(`paths: ${windows} both ways`, async t => {
    const file = path.join(twin.winePrefix, 'drive_c', linux);
    t.is(twin.toWindows(file), windows);
    t.is(twin.toLinux(windows), file);
    t.is((await twin.run('wslpath', ['-w', file])).stdout, `${windows}\n`);
    t.is((await twin.run('wslpath', ['-m', file])).stdout, `${windows.replaceAll('\\', '/')}\n`);
    t.is((await twin.run('wslpath', ['-u', windows])).stdout, `${file}\n`);
    t.is((await twin.run('wslpath', [windows.replaceAll('\\', '/')])).stdout, `${file}\n`);
  });
}

test('paths: the Linux root, any case, what does not exist, relative ones', async t => {
  const wslpath = async (...args: string[]) => (await twin.run('wslpath', args)).stdout.trim();
  t.is(await wslpath('-w', '/usr/bin'), 'Z:\\usr\\bin');
  t.is(twin.toWindows('/usr/bin'), 'Z:\\usr\\bin');
  t.is(await wslpath('-u', 'z:\\usr\\bin'), '/usr/bin');
  t.is(twin.toLinux('z:\\usr\\bin'), '/usr/bin');
  const system32 = path.join(twin.winePrefix, 'drive_c/windows/system32');
  t.is(await wslpath('c:\\WINDOWS\\System32\\New File.txt'), `${system32}/New File.txt`);
  t.is(twin.toLinux('c:\\WINDOWS\\System32\\New File.txt'), `${system32}/New File.txt`);
  t.is((await twin.run('wslpath', ['-w', '.'], {cwd: '/usr'})).stdout, '.\n');
  t.is((await twin.run('wslpath', ['-a', '-w', 'bin'], {cwd: '/usr'})).stdout, 'Z:\\usr\\bin\n');
  for (const bad of [['-w', '/no/such/file'], ['D:\\x'], ['-x', '/'], [], ['a', 'b']]) {
    const {exitCode, stdout} = await twin.run('wslpath', bad);
    t.deepEqual([bad, exitCode, stdout], [bad, 1, '']);
  }
  t.throws(() => twin.toLinux('D:\\x'), {message: /drive C or Z/});
});

test('wslinfo answers', async t => {
  t.is((await twin.run('wslinfo', ['--networking-mode'])).stdout, 'nat\n');
  t.is((await twin.run('wslinfo', ['--networking-mode', '-n'])).stdout, 'nat');
  t.regex((await twin.run('wslinfo', ['--version'])).stdout, /^2\.\d+\.\d+\.\d+\n$/);
  t.is((await twin.run('wslinfo', ['--nonsense'])).exitCode, 1);
});

test('run tells how a command ended, and never rejects', async t => {
  t.is((await twin.run('/nonexistent', [])).exitCode, 127);
  t.is((await twin.run('sh', ['-c', 'kill -TERM $$'])).exitCode, 143);
  const late = await twin.run('sleep', ['1000'], {timeout: 50});
  t.deepEqual(late, {exitCode: 124, stdout: '', stderr: 'sleep took longer than 50 ms\n'});
  // a daemon that keeps stdout does not keep the caller
  t.is((await twin.run('sh', ['-c', 'sleep 1000 & echo started'])).stdout, 'started\n');
});

test('two side by side: own files, own registry, own end', async t => {
  const other = await startTwin();
  try {
    t.not(other.winePrefix, twin.winePrefix);
    t.not(other.runtimeDir, twin.runtimeDir);
    await mkdir(path.join(other.localAppData.linux, 'there'));
    t.false(existsSync(path.join(twin.localAppData.linux, 'there')));
    // before a program of the test could have started them and given them its stdout
    const names = processesIn(other.winePrefix).map(commandLine);
    for (const name of ['services.exe', 'explorer.exe'])
      t.true(
        names.some(line => line.includes(name)),
        name,
      );
    // one that does not want to end
    const waiting = spawn(other.toLinux('C:\\windows\\system32\\cmd.exe'), {
      env: other.env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    waiting.stdin.on('error', () => {});
    const key = ['HKCU\\Software\\there', '/ve'];
    const reg = (of: Twin, verb: string) =>
      of.run(of.toLinux('C:\\windows\\system32\\reg.exe'), [verb, ...key, ...(verb === 'add' ? ['/f'] : [])]);
    t.is((await reg(other, 'add')).exitCode, 0);
    t.is((await reg(other, 'query')).exitCode, 0);
    t.is((await reg(twin, 'query')).exitCode, 1);
  } finally {
    await other.stop();
    await other.stop();
  }
  t.false(existsSync(path.dirname(other.home)));
  t.deepEqual(processesIn(other.winePrefix), []);
  t.is((await twin.run(cmd, ['/c', 'exit 4'])).exitCode, 4);
});

if (twinHasSystemd()) {
  test('systemd --user runs a unit that runs a Windows program, and the journal has what it said', async t => {
    const units = path.join(twin.home, '.config/systemd/user');
    await mkdir(units, {recursive: true});
    // journald looks up whose a line is by the process that wrote it, which has to be there until then
    const says = 'echo from Windows & cmd /c exit';
    const script = `echo '<3>alas' >&2; '${cmd}' /c '${says}' || echo "ended with $?"; echo "$JOURNAL_STREAM" | wc -c; sleep 0.1`;
    await writeFile(
      path.join(units, 'probe.service'),
      `[Service]\nType=oneshot\nExecStart=sh -c "${script.replaceAll('"', '\\"').replaceAll('$', '$$')}"\n`,
    );
    t.is((await twin.run('systemctl', ['--user', 'daemon-reload'])).exitCode, 0);
    const started = await twin.run('systemctl', ['--user', 'start', 'probe.service']);
    t.deepEqual(started, {exitCode: 0, stdout: '', stderr: ''});
    const lines = await twin.journal('probe.service');
    t.true(lines.includes('alas'));
    t.true(
      lines.some(line => line.trim() === 'from Windows'),
      lines.join('\n'),
    );
    t.true(lines.some(line => /^Finished probe\.service/.test(line)));
    const errors = await twin.run('journalctl', ['--user', '--unit=probe', '--priority=err', '--output=cat']);
    t.is(errors.stdout, 'alas\n');
  });

  test("the distribution's gpg-agent sockets listen where gpg looks", async t => {
    const {stdout} = await twin.run('gpgconf', ['--list-dirs', 'agent-socket']);
    t.is(stdout.trim(), path.join(twin.runtimeDir, 'gnupg/S.gpg-agent'));
    const listening = await twin.run('systemctl', ['--user', 'is-active', 'gpg-agent.socket']);
    t.is(listening.stdout, 'active\n');
    t.true(statSync(stdout.trim()).isSocket());
  });

  test('two user managers side by side', async t => {
    const other = await startTwin({systemd: true});
    try {
      const pid = async (of: Twin) =>
        (await of.run('systemctl', ['--user', 'show', '--property=ControlGroup', '--value'])).stdout;
      t.not(await pid(other), await pid(twin));
      await other.run('systemd-run', [
        '--user',
        '--unit=lone',
        '--wait',
        'sh',
        '-c',
        'echo only here; sleep 0.3',
      ]);
      t.true((await other.journal('lone')).includes('only here'));
      t.deepEqual(await twin.journal('lone'), []);
      // a unit that does not want to end
      await other.run('systemd-run', [
        '--user',
        '--unit=stubborn',
        '--property=KillMode=none',
        'sleep',
        '1000',
      ]);
    } finally {
      await other.stop();
    }
    t.deepEqual(
      readdirSync('/sys/fs/cgroup').filter(name => name.startsWith('twin-')),
      [],
    );
    t.is((await twin.run('systemctl', ['--user', 'is-system-running'])).stdout, 'running\n');
  });
}
