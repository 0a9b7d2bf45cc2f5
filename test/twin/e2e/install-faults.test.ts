// needs: systemd, pageant, ssh, gpg, cc
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {buildShim, type FaultKind} from '../../faults/install/machine.ts';
import {CLI, changes, home, status, succeeds, twin, useInstallBed, wslagent} from './install-bed.ts';

/*
 * The matrix of test/faults/install has a manager and a helper that are doubles. Here are the points at which the real
 * ones, or a real disk, matter.
 */

const folder = mkdtempSync(join(tmpdir(), 'install-faults-'));
const shim = join(folder, 'shim.so');

test.before(() => buildShim(shim));
test.after.always(() => rmSync(folder, {recursive: true}));
useInstallBed(test);

const INSTALL = ['install', 'ssh', 'gpg', '--now'];

/** Runs wslagent and lets the operation of this number go wrong. Gives what it did, an operation a line. */
async function run(args: string[], at: number, kind: FaultKind): Promise<string[]> {
  const [count, log] = [join(folder, 'count'), join(folder, 'log')];
  writeFileSync(count, Buffer.alloc(4096));
  writeFileSync(log, '');
  await execa('node', [CLI, ...args], {
    env: {
      ...twin.env,
      LD_PRELOAD: shim,
      FAULT_WATCH: [twin.home, twin.runtimeDir, twin.localAppData.linux].join(':'),
      FAULT_COUNT: count,
      FAULT_LOG: log,
      FAULT_AT: String(at),
      FAULT_KIND: kind,
    },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    detached: true,
  });
  return readFileSync(log, 'utf8').split('\n').slice(0, -1);
}

type Row = {args: string[]; kind: FaultKind; operation: RegExp};
const INSTALLS: Row[] = [
  {args: INSTALL, kind: 'done', operation: /mkdir .*\.local\/state\/wslagent$/},
  {args: INSTALL, kind: 'done', operation: /\.exe\.wslagent-tmp$/},
  {args: INSTALL, kind: 'kill', operation: /run systemctl --user mask --now gpg-agent-ssh/},
  {args: INSTALL, kind: 'kill', operation: /run systemctl --user enable/},
];
const UNINSTALLS: Row[] = [
  {args: ['uninstall'], kind: 'kill', operation: /run systemctl --user unmask gpg-agent\.service/},
  {args: ['uninstall'], kind: 'done', operation: /unlink .*50-wslagent\.conf$/},
  {args: ['uninstall'], kind: 'kill', operation: /run systemctl --user daemon-reload/},
  {args: ['uninstall'], kind: 'done', operation: /unlink .*wslagent-helper\.exe$/},
];

async function interrupted(
  t: ExecutionContext,
  rows: readonly Row[],
  before: () => Promise<void>,
): Promise<void> {
  await before();
  const [{args} = {args: []}] = rows;
  const operations = await run(args, 0, 'kill');
  await wslagent(['uninstall']);
  for (const {kind, operation} of rows) {
    const at = operations.findIndex(line => operation.test(line)) + 1;
    t.true(at > 0, `${operation} in ${operations.join('\n')}`);
    await before();
    const done = await run(args, at, kind);
    t.is(done.length, at, String(operation));
    const {exitCode, stderr} = await wslagent(['uninstall']);
    t.true(exitCode === 0 || exitCode === 3, stderr);
    t.deepEqual(await changes(), [], `${kind} ${operation}`);
  }
}

test.serial('an install that was killed is taken back from a real manager', async t => {
  t.timeout(600_000);
  await interrupted(t, INSTALLS, async () => {});
  const operations = await run(INSTALL, 0, 'kill');
  await wslagent(['uninstall']);
  await run(INSTALL, operations.findIndex(line => line.includes('enable --now')) + 1, 'kill');
  await succeeds(t, ['install', '--now']);
  t.is((await status()).state, 'ok');
});

test.serial('an uninstall that was killed is finished, and the manager knows nothing more of it', async t => {
  t.timeout(600_000);
  await interrupted(t, UNINSTALLS, () => succeeds(t, INSTALL));
});

// mounts need the rights of root in the namespaces
if (process.getuid?.() === 0)
  test.serial(
    'on a disk that is full, and on one that is read-only, uninstall does what can be done',
    async t => {
      t.timeout(300_000);
      const aside = join(folder, 'home');
      mkdirSync(aside);
      await execa('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', aside]);
      await execa('cp', ['-a', `${twin.home}/.`, aside]);
      await execa('mount', ['--bind', aside, twin.home]);
      try {
        await succeeds(t, INSTALL);
        const full = join(twin.home, 'full');
        await t.throwsAsync(async () => writeFileSync(full, Buffer.alloc(4 * 1024 * 1024)), {code: 'ENOSPC'});
        const refused = await wslagent(['install', 'pageant', '--now']);
        t.is(refused.exitCode, 1, refused.stderr);
        t.regex(refused.stderr, /error: no space is left on the disk of .*\nwslagent: hint: df -h /);

        await execa('mount', ['-o', 'remount,ro,bind', twin.home]);
        const {exitCode, stderr} = await wslagent(['uninstall']);
        t.is(exitCode, 1);
        t.regex(
          stderr,
          /^wslagent: error: .*: its file system is read-only\nwslagent: hint: sudo mount .*\n$/,
        );
        await execa('mount', ['-o', 'remount,rw,bind', twin.home]);

        const removed = await wslagent(['uninstall']);
        t.is(removed.exitCode, 0, removed.stderr);
        rmSync(full);
        t.deepEqual(await changes(), []);
      } finally {
        await execa('umount', ['-l', twin.home]);
        await execa('umount', ['-l', aside]);
      }
      t.deepEqual(await changes(), []);
      t.is(home(), twin.home);
    },
  );
