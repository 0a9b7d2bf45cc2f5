/** A twin whose user installs wslagent, with a real Pageant that holds a key, and a gpg of their own. */
import {existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {mkdtemp, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {ExecutionContext, TestFn} from 'ava';
import {DIST} from '../../../linux/helper-command.ts';
import type {Status} from '../../../linux/install/status.ts';
import {ensureAgents} from '../agents/ensure.ts';
import {makeKey} from '../agents/keys.ts';
import {type Pageant, startPageant} from '../agents/pageant.ts';
import {type RunOptions, type RunResult, startTwin, type Twin} from '../twin.ts';
import {difference, userState} from './user-state.ts';

export const CLI = join(DIST, 'wslagent.mjs');
export const GNUPG_UNITS = [
  'gpg-agent.service',
  'gpg-agent.socket',
  'gpg-agent-ssh.socket',
  'gpg-agent-extra.socket',
];

/** There from `before` on, and the same for all tests of a file. */
export let twin: Twin;
/** What there was before anything was installed. */
export let before: string[];
let pageant: Pageant | undefined;

/** Makes the bed before a file's tests, takes back after each what it installed, and ends it after all. */
export function useInstallBed(test: TestFn): void {
  test.before(async t => {
    // agents that the cache lacks are built now
    t.timeout(20 * 60_000);
    await start();
  });
  test.after.always(async () => {
    await pageant?.stop();
    await twin?.stop();
  });
  test.afterEach.always(async () => {
    await wslagent(['uninstall']);
  });
}

async function start(): Promise<void> {
  const agents = await ensureAgents({pageant: true});
  if (agents.pageant === undefined) throw new Error('no Pageant');
  twin = await startTwin({systemd: true});
  const folder = await mkdtemp(join(twin.runtimeDir, '..', 'install-'));
  const key = await makeKey(folder, 'the key', 'ed25519');
  pageant = await startPageant(twin.env, {
    pageantExe: agents.pageant.pageantExe,
    keys: [key.ppkPath],
    folder,
  });
  mkdirSync(home('.config/wslagent'), {recursive: true});
  writeFileSync(home('.config/wslagent/config.toml'), `[endpoints.ssh]\ntargets = ["${pageant.pipe}"]\n`);
  // files of the person's: without a final newline, and for gpg alone
  writeFileSync(home('.bashrc'), 'alias ll="ls -l"');
  mkdirSync(home('.gnupg'), {mode: 0o700});
  await twin.run('gpg', ['--list-keys']);
  await twin.run('gpg-connect-agent', ['/bye']);
  await twin.run('systemctl', ['--user', 'stop', 'gpg-agent.service']);
  writeFileSync(home('.gnupg/gpg.conf'), 'no-greeting\n', {mode: 0o600});
  before = await userState(twin);
}

export const wslagent = (args: string[], options?: RunOptions): Promise<RunResult> =>
  twin.run('node', [CLI, ...args], options);

/** Runs wslagent, and shows what it said when it fails. */
export async function succeeds(t: ExecutionContext, args: string[]): Promise<void> {
  const {exitCode, stderr} = await wslagent(args);
  t.is(exitCode, 0, `wslagent ${args.join(' ')}: ${stderr}`);
}

export const home = (...names: string[]): string => join(twin.home, ...names);
export const unit = (name: string): string => home('.config/systemd/user', name);
export const socket = (name: string): string => join(twin.runtimeDir, name);

/** What the user manager says of a unit. */
export const state = async (name: string): Promise<string> =>
  (await twin.run('systemctl', ['--user', 'show', '--property=LoadState,ActiveState', name])).stdout;

export const status = async (): Promise<Status> => JSON.parse((await wslagent(['status', '--json'])).stdout);

export const loginShell = (command: string): Promise<RunResult> => twin.run('sh', ['-lc', command]);

/** What is not as it was, at first or since then. */
export const changes = async (since = before): Promise<string[]> => difference(since, await userState(twin));

/** What nobody but a test makes. */
export async function removeWhenEmpty(...folders: string[]): Promise<void> {
  for (const folder of folders) {
    if (existsSync(folder) && (await readdir(folder)).length === 0) rmSync(folder, {recursive: true});
  }
}
