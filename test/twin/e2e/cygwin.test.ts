// needs: pageant, ssh
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {builtExe, DIST} from '../../../linux/helper-command.ts';
import type {AgentReport, ProbeReport} from '../../../shared/probe.ts';
import {poll} from '../poll.ts';
import {FAILURE, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, type Chain, chainFor} from './chain.ts';
import {askOnce} from './client.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';
import {type WindowsNode, type WindowsProgram, windowsNode} from './windows-node.ts';

const TEXT = 'from another Unix on Windows\n';
const VARIANTS = ['cygwin', 'assuan'] as const;

let bed: PageantBed;
let node: WindowsNode;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  bed = await startPageantBed();
  node = await windowsNode(bed.twin);
});

test.after.always(async () => {
  await node?.stop();
  await bed?.stop();
});

/** A double on the Windows side in front of Pageant, and its file as Windows and as Linux call it. */
async function startDouble(
  variant: string,
  name: string,
): Promise<{program: WindowsProgram; target: string; file: string}> {
  const windows = `C:\\users\\Ada Lovelace\\${name}`;
  const pipe = bed.pageant.pipe.replaceAll('/', '\\');
  const program = await node.start('cygwin-agent.ts', variant, windows, pipe);
  return {program, target: `${variant}:${windows}`, file: bed.twin.toLinux(windows)};
}

/** Runs a Linux program with the relay's socket; its stdout, once it has ended with 0. */
async function ok(chain: Chain, command: string, args: string[], input?: string): Promise<string> {
  const options = input === undefined ? {} : {input};
  const result = await bed.twin.run(command, args, {...options, env: chain.env});
  if (result.exitCode !== 0) throw new Error(`${command}: ${result.stderr}\n${chain.lines.join('\n')}`);
  return result.stdout;
}

async function probed(target: string): Promise<AgentReport> {
  const {stdout} = await bed.twin.run(builtExe(), ['probe', '--target', target]);
  const [agent] = (JSON.parse(stdout) as ProbeReport).agents;
  if (agent === undefined) throw new Error(stdout);
  return agent;
}

for (const variant of VARIANTS)
  test.serial(`${variant}: keys are listed, and ssh-keygen signs with each`, async t => {
    const double = await startDouble(variant, `${variant}.sock`);
    const chain = await chainFor(t, bed.twin, {target: double.target});
    const listed = (await ok(chain, 'ssh-add', ['-L'])).trimEnd().split('\n');
    t.deepEqual(listed.sort(), [bed.ed25519.publicLine, bed.rsa.publicLine].sort());
    t.regex(await ok(chain, 'ssh-add', ['-l']), /^256 SHA256:\S+ elliptic \(ED25519\)$/m);
    for (const key of [bed.ed25519, bed.rsa]) {
      const folder = await mkdtemp(path.join(bed.twin.home, 'sign-'));
      const [signature, allowed] = [path.join(folder, 'signature'), path.join(folder, 'allowed')];
      await writeFile(allowed, `ada ${key.publicLine}\n`);
      const sign = ['-q', '-Y', 'sign', '-n', 'file', '-f', key.publicPath];
      await writeFile(signature, await ok(chain, 'ssh-keygen', sign, TEXT));
      const verify = ['-Y', 'verify', '-n', 'file', '-I', 'ada', '-f', allowed, '-s', signature];
      t.regex(await ok(chain, 'ssh-keygen', verify, TEXT), /^Good "file" signature for ada/);
    }
    const {state, keys} = await probed(double.target);
    t.deepEqual({state, keys}, {state: 'answers', keys: 2});
    await saidOnly(t, double.program, 5);
    await chain.line(new RegExp(` info: socket#1: .*${variant}\\.sock \\(port \\d+\\)\\) answered in `));
    await neverSaid(t, double.file, chain);
  });

/** Waits until so many clients have shaken hands; all that have did it as they should. */
async function saidOnly(t: ExecutionContext, program: WindowsProgram, count: number): Promise<void> {
  const lines = async () => (await program.output()).trimEnd().split(/\r?\n/).slice(1);
  await poll(`${count} handshakes`, CEILING, async () => (await lines()).length >= count);
  for (const line of await lines()) t.regex(line, /^exchanged \{"pid":[1-9]\d*,"uid":0,"gid":0\}$/);
}

/** No part of the secret is in the journal. */
async function neverSaid(t: ExecutionContext, file: string, chain: Chain): Promise<void> {
  const groups = (await readFile(file, 'latin1')).match(/[0-9a-f]{8}/gi) ?? [];
  t.is(groups.length, 4);
  const journal = chain.lines.join('\n').toLowerCase();
  for (const group of groups) t.false(journal.includes(group.toLowerCase()));
}

type Case = {
  title: string;
  /** What becomes of the file that the double wrote; undefined: it is removed. */
  change: (content: string) => string | undefined;
  state: AgentReport['state'];
  says: RegExp;
  hint: RegExp;
};

const restart =
  /start the agent again, in Git Bash, MSYS2 or Cygwin: rm -f 'C:\/users\/Ada Lovelace\/bad\.sock'; eval/;
const name = /name the socket of a running agent: in its shell, cygpath -w "\$SSH_AUTH_SOCK"/;

const cases: Case[] = [
  {
    title: 'no file',
    change: () => undefined,
    state: 'absent',
    says: /does not exist/,
    hint: /eval "\$\(ssh-agent -a 'C:\/users\/Ada Lovelace\/bad\.sock'\)"/,
  },
  {title: 'an empty file', change: () => '', state: 'badTarget', says: /is empty/, hint: name},
  {
    title: 'a file cut short',
    change: content => content.slice(0, 33),
    state: 'badTarget',
    says: /is cut short/,
    hint: name,
  },
  {
    title: 'binary garbage',
    change: () => '\xff\xfe\0\x80',
    state: 'badTarget',
    says: /is no socket file of Cygwin, MSYS2 or Git for Windows/,
    hint: name,
  },
  {
    title: 'a file of 64 MiB',
    change: content => content.repeat(1_200_000),
    state: 'badTarget',
    says: /is longer than 54 bytes/,
    hint: name,
  },
  {
    title: 'a datagram socket',
    change: content => content.replace(' s ', ' d '),
    state: 'badTarget',
    says: /is a datagram socket/,
    hint: name,
  },
  {
    title: 'a secret of another time',
    change: content => content.replace(/ s [0-9A-F]{8}/, ' s 01234567'),
    state: 'agentClosed',
    says: /closed the connection instead of sending the secret back: the file is out of date/,
    hint: restart,
  },
];

for (const {title, change, state, says, hint} of cases)
  test.serial(`${title}: one clear error for the client, the journal and probe`, async t => {
    const {program, target, file} = await startDouble('cygwin', 'bad.sock');
    const changed = change(await readFile(file, 'latin1'));
    if (changed === undefined) await rm(file);
    else await writeFile(file, changed, 'latin1');
    await oneError(t, target, {state, says, hint});
    await program.stop();
  });

test.serial('a port whose agent has gone', async t => {
  const {program, target} = await startDouble('cygwin', 'bad.sock');
  await program.stop();
  await oneError(t, target, {
    state: 'refused',
    says: /port \d+ .* is closed: its agent has gone/,
    hint: restart,
  });
});

test.serial(
  'a file that another program holds is tried several times, and read again when it is free',
  async t => {
    const {target} = await startDouble('cygwin', 'bad.sock');
    const koffi = bed.twin.toWindows(path.join(DIST, `koffi-${process.arch}.node`));
    const holder = await node.start('hold-file.ts', target.slice('cygwin:'.length), koffi);
    const {elapsed} = await oneError(t, target, {
      state: 'denied',
      says: /cannot be read: EBUSY/,
      hint: /run the agent as the same user/,
    });
    t.true(elapsed >= 200, `${elapsed} ms`);
    await holder.stop();
    t.is((await probed(target)).state, 'answers');
  },
);

async function oneError(
  t: ExecutionContext,
  target: string,
  {state, says, hint}: Pick<Case, 'state' | 'says' | 'hint'>,
): Promise<AgentReport> {
  const chain = await chainFor(t, bed.twin, {target});
  t.deepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
  const line = await chain.line(/ warning: socket#1: /);
  t.regex(line, says);
  t.regex(line, hint);
  const report = await probed(target);
  t.is(report.state, state);
  t.regex(report.detail, says);
  t.regex(report.hint ?? '', hint);
  return report;
}
