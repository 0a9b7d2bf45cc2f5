// needs: systemd, pageant, ssh
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {libraryBeside} from '../../../linux/helper-command.ts';
import {VERSION} from '../../../shared/version.ts';
import {poll} from '../poll.ts';
import {home, socket, state, status, twin, unit, useInstallBed, wslagent} from './install-bed.ts';
import {shell, typeAll} from './type-hints.ts';

useInstallBed(test);

const SSH = 'wslagent-ssh.socket';
const SERVICE = 'wslagent.service';
const config = () => home('.config/wslagent/config.toml');
const exe = () => join(twin.localAppData.linux, 'wslagent', VERSION, 'wslagent-helper.exe');
const systemctl = (...args: string[]) => twin.run('systemctl', ['--user', ...args]);
const list = (name: string) => shell(`SSH_AUTH_SOCK=${socket(`wslagent/${name}.sock`)} ssh-add -l`);

/** What goes wrong, and how it is named. */
type Row = {
  title: string;
  breaks: () => Promise<unknown> | unknown;
  what: RegExp;
  /** The cause, which no line to type can mend. */
  mends?: () => Promise<unknown> | unknown;
};

const rows: Row[] = [
  {
    title: 'a socket file that is gone',
    breaks: () => rmSync(socket('wslagent/ssh.sock')),
    what: /the socket file \S+ is gone/,
  },
  {
    title: 'a socket with another mode',
    breaks: () => chmodSync(socket('wslagent/ssh.sock'), 0o666),
    what: /has mode 0666, not 0600/,
  },
  {
    title: 'a socket with another mode that a drop-in gives it',
    breaks: async () => {
      mkdirSync(unit(`${SSH}.d`));
      writeFileSync(unit(`${SSH}.d/mode.conf`), '[Socket]\nSocketMode=0666\n');
      await systemctl('daemon-reload');
      await systemctl('stop', SERVICE, SSH);
      await systemctl('start', SSH);
    },
    what: /has mode 0666, not 0600/,
  },
  {
    title: 'a folder that is gone',
    breaks: () => rmSync(socket('wslagent'), {recursive: true}),
    what: /the socket file \S+ is gone/,
  },
  {
    title: 'a socket that was stopped',
    breaks: () => systemctl('stop', SSH),
    what: /wslagent-ssh\.socket is not started/,
  },
  {
    title: 'a socket that is disabled',
    breaks: () => systemctl('disable', SSH),
    what: /wslagent-ssh\.socket does not start by itself/,
  },
  {
    title: 'a socket that is masked',
    breaks: async () => {
      await systemctl('stop', SSH);
      rmSync(unit(SSH));
      symlinkSync('/dev/null', unit(SSH));
      await systemctl('daemon-reload');
    },
    what: /systemd says of wslagent-ssh\.socket: masked/,
  },
  {
    title: 'a socket whose unit is gone',
    breaks: async () => {
      rmSync(unit(SSH));
      await systemctl('daemon-reload');
    },
    what: /wslagent-ssh\.socket is gone/,
  },
  {
    title: 'a unit that systemd has not read',
    // as install without --now leaves it
    breaks: () => utimesSync(unit(SSH), new Date(), new Date()),
    what: /wslagent-ssh\.socket was changed since systemd read it/,
  },
  {
    title: 'sockets that failed with their service',
    breaks: async () => {
      mkdirSync(unit(`${SERVICE}.d`));
      writeFileSync(unit(`${SERVICE}.d/no.conf`), '[Service]\nExecStart=\nExecStart=/bin/false\n');
      await systemctl('daemon-reload');
      await systemctl('stop', SERVICE);
      await list('ssh');
      await poll('the limit', 30_000, async () => /=failed/.test(await state(SSH)));
    },
    what: /wslagent-ssh\.socket failed \(\S+-limit-hit\)/,
    mends: async () => {
      rmSync(unit(`${SERVICE}.d`), {recursive: true});
    },
  },
  {
    title: 'another program in the place of a socket',
    breaks: async () => {
      rmSync(socket('wslagent/ssh.sock'));
      thief = startAgent();
      await poll('the other agent', 10_000, () => existsSync(socket('wslagent/ssh.sock')));
    },
    what: /ssh-agent \(pid \d+\) has put itself in the place of/,
  },
  {
    title: 'what another program left in the place of a socket',
    breaks: async () => {
      rmSync(socket('wslagent/ssh.sock'));
      const other = startAgent();
      await poll('the other agent', 10_000, () => existsSync(socket('wslagent/ssh.sock')));
      other.kill('SIGKILL');
      await other;
    },
    what: /nobody listens on \S+ssh\.sock/,
  },
  {
    title: 'a relay that runs with an older configuration',
    breaks: () => appendFileSync(config(), '\n[helper]\nspares = 2\n'),
    what: /the relay still runs with the configuration of before/,
  },
  {
    title: 'a relay that could not start',
    breaks: async () => {
      kept = readFileSync(config(), 'utf8');
      await systemctl('stop', SERVICE);
      writeFileSync(config(), `nope = 1\n${kept}`);
      await list('ssh');
      await poll('the failure', 10_000, async () => /=failed/.test(await state(SERVICE)));
    },
    what: /wslagent\.service failed: \S+config\.toml: nope: is not a known key/,
    mends: () => writeFileSync(config(), kept),
  },
  {
    title: 'a helper that is damaged, and a library that is gone',
    breaks: async () => {
      await systemctl('stop', SERVICE);
      writeFileSync(exe(), 'MZ');
      rmSync(libraryBeside(exe()));
    },
    what: /the helper \S.*\.exe is not the one that was installed/,
  },
  {
    title: 'a helper that is damaged, and what its client was told',
    breaks: async () => {
      await systemctl('stop', SERVICE);
      writeFileSync(exe(), 'MZ');
      await list('ssh');
    },
    what: /the last client of ssh was not served: the helper \S.*\.exe is/,
  },
  {
    title: 'a helper that may not be executed',
    breaks: async () => {
      await systemctl('stop', SERVICE);
      chmodSync(exe(), 0o644);
      await list('ssh');
    },
    what: /the last client of ssh was not served: the helper \S.*\.exe may not be executed/,
  },
  {
    title: 'a client that was not served',
    breaks: async () => {
      kept = readFileSync(config(), 'utf8');
      writeFileSync(
        config(),
        kept.replace(/\[endpoints\.ssh\]\ntargets = \[.*\]/, '[endpoints.ssh]\ntargets = ["pipe:nobody"]'),
      );
      await systemctl('stop', SERVICE);
      await list('ssh');
    },
    what: /the last client of ssh was not served: pipe \S+nobody does not exist/,
    mends: async () => {
      writeFileSync(config(), kept);
      await systemctl('stop', SERVICE);
    },
  },
];

let kept = '';
let thief: Promise<unknown> | undefined;

function startAgent() {
  return execa('ssh-agent', ['-D', '-a', socket('wslagent/ssh.sock')], {env: twin.env, reject: false});
}

/** Two endpoints to the same agent. */
function configureBoth(): void {
  const text = readFileSync(config(), 'utf8');
  if (text.includes('endpoints.second')) return;
  const second = text.replace('[endpoints.ssh]', '[endpoints.second]\nprotocol = "ssh-agent"');
  writeFileSync(config(), `${text}\n${second}`);
}

for (const {title, breaks, what, mends} of rows)
  test.serial(`typed as it is printed, it mends: ${title}`, async t => {
    t.timeout(180_000);
    configureBoth();
    t.is((await wslagent(['install', 'ssh', 'second', '--now'])).exitCode, 0);
    for (const name of ['ssh', 'second']) t.regex((await list(name)).stdout, /the key/);
    t.regex(await state(SERVICE), /ActiveState=active/);
    t.deepEqual((await status()).problems, []);

    await breaks();
    const broken = await status();
    // where every socket has failed, nothing runs
    t.true(['problem', 'not running'].includes(broken.state), broken.state);
    t.true(
      broken.problems.some(problem => what.test(problem.what)),
      JSON.stringify(broken.problems, null, 1),
    );
    const printed = (await wslagent(['status'])).stdout;
    for (const {type} of broken.problems)
      for (const line of type) t.true(printed.includes(`  type: ${line}\n`), line);
    await mends?.();
    await typeAll(t, [...new Set(broken.problems.flatMap(({type}) => type))]);
    const after = await status();
    t.deepEqual(after.problems, []);
    t.is(after.state, 'ok');
    for (const name of ['ssh', 'second']) t.regex((await list(name)).stdout, /the key/);
    t.regex((await wslagent(['status'])).stdout, /: all fine\n/);
    t.is((await wslagent(['install', '--now'])).stdout, 'nothing to change\n');
    await thief;
  });

test.afterEach.always(async () => {
  if (kept !== '') writeFileSync(config(), kept);
  for (const folder of [`${SSH}.d`, `${SERVICE}.d`]) rmSync(unit(folder), {recursive: true, force: true});
  await systemctl('daemon-reload');
});
