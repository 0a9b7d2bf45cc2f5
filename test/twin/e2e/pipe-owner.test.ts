// needs: ssh
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {builtExe, DIST} from '../../../linux/helper-command.ts';
import {exitCode} from '../../../shared/exit-codes.ts';
import type {ProbeReport} from '../../../shared/probe.ts';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {FAILURE, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, chainFor} from './chain.ts';
import {askOnce} from './client.ts';
import {type WindowsNode, type WindowsProgram, windowsNode} from './windows-node.ts';

/** Another user of the same machine, who has let everybody in: what a squatted name looks like. */
const STRANGER = 'S-1-5-21-0-0-0-1001';

let twin: Twin;
let node: WindowsNode;

test.before(async t => {
  t.timeout(180_000);
  twin = await startTwin();
  node = await windowsNode(twin);
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

/** A pipe `name` that belongs to `owner`, an SDDL name or a SID. */
function ownedPipe(name: string, owner: string): Promise<WindowsProgram> {
  const koffi = twin.toWindows(path.join(DIST, `koffi-${process.arch}.node`));
  return node.start('owned-pipe.ts', `\\\\.\\pipe\\${name}`, `O:${owner}D:(A;;GA;;;WD)`, koffi);
}

/** Asks through a relay with this target; gives what the pipe's server saw. */
async function seenBy(t: ExecutionContext, server: WindowsProgram, target: string): Promise<string> {
  const chain = await chainFor(t, twin, {target});
  t.deepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
  await poll('the server to see it', CEILING, async () => (await server.output()).includes('sent'));
  return server.output();
}

test.serial("a stranger's pipe gets no byte, and the client, the journal and probe are told", async t => {
  const server = await ownedPipe('squatted', STRANGER);
  const chain = await chainFor(t, twin, {target: 'pipe:squatted'});
  t.deepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
  const line = await chain.line(/warning/);
  t.regex(line, new RegExp(`pipe //./pipe/squatted belongs to ${STRANGER}, not to you`));
  t.regex(line, /any-owner:pipe:squatted/);
  const {stdout, exitCode: code} = await twin.run(builtExe(), ['probe', '--target', 'pipe:squatted']);
  t.is(code, 0);
  const [agent] = (JSON.parse(stdout) as ProbeReport).agents;
  t.is(agent?.state, 'untrusted');
  await poll('both to leave', CEILING, async () => (await server.output()).match(/sent/g)?.length === 2);
  t.regex(await server.output(), /^listening\r?\n(client\r?\nsent 0 bytes\r?\n){2}$/);
});

test.serial('any-owner: reaches it all the same', async t => {
  const server = await ownedPipe('trusted', STRANGER);
  t.regex(await seenBy(t, server, 'any-owner:pipe:trusted'), /sent 5 bytes/);
});

for (const [name, owner] of [
  ['an administrator', 'BA'],
  ['the system', 'SY'],
  ['the user', 'S-1-5-21-0-0-0-1000'],
] as const)
  test.serial(`a pipe of ${name} is as good as any`, async t => {
    const server = await ownedPipe(`of-${owner}`, owner);
    t.regex(await seenBy(t, server, `pipe:of-${owner}`), /sent 5 bytes/);
  });

test.serial('--trust-any-owner is for those who call the helper themselves', async t => {
  await ownedPipe('direct', STRANGER);
  const connect = ['connect', '--target', 'pipe:direct'];
  const refused = await twin.run(builtExe(), connect, {input: REQUEST_IDENTITIES});
  t.is(refused.exitCode, exitCode('unavailable'));
  t.regex(refused.stderr, /belongs to .*\nwslagent-helper: hint: .*any-owner:pipe:direct/);
  const probe = await twin.run(builtExe(), ['probe', '--trust-any-owner', '--target', 'pipe:direct']);
  t.is((JSON.parse(probe.stdout) as ProbeReport).agents[0]?.state, 'agentClosed');
});
