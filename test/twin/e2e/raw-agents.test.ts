// needs: wine
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import type {EndpointProtocol} from '../../../shared/endpoint.ts';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {CEILING, type Chain, chainFor} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {answer, echo} from './told-requests.ts';
import {type WindowsNode, type WindowsProgram, windowsNode} from './windows-node.ts';

/** Long enough for anything that would come by itself, in milliseconds. */
const WHILE = 2000;

/** Less than the 30 s that a pipe stays open whose client may only have half-closed, in milliseconds. */
const SOON = 15_000;

let twin: Twin;
let node: WindowsNode;
let silent: WindowsProgram;

test.before(async t => {
  t.timeout(120_000);
  twin = await startTwin();
  node = await windowsNode(twin);
  silent = await node.start('silent-agent.ts', '\\\\.\\pipe\\silent');
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

const request = echo(Buffer.from('who'));
const from = (name: string) => answer(Buffer.from(name));

for (const protocol of ['ssh-agent', 'raw'] as const)
  test.serial(
    `${protocol}: an agent goes, another takes its pipe's name, and the next connection is its`,
    async t => {
      const name = `taken-${protocol}`;
      const chain = await chainFor(t, twin, {target: `pipe:${name}`, protocol, sharing: 'always'});
      const first = await node.start('named-agent.ts', `\\\\.\\pipe\\${name}`, 'first');
      const stays = await Client.to(chain.socket);
      t.deepEqual(await stays.ask(request), from('first'));
      await first.stop();
      await node.start('named-agent.ts', `\\\\.\\pipe\\${name}`, 'second');
      t.deepEqual(await askOnce(chain.socket, request), from('second'));
      // one that had asked the first: of an ssh agent it may ask on, of anything else it sees the end
      if (protocol === 'ssh-agent') t.deepEqual(await stays.ask(request), from('second'));
      else t.deepEqual(await stays.rest(), Buffer.alloc(0));
      stays.close();
      t.is(chain.helpers().length, 1);
    },
  );

/** How often the silent server has said a word. */
async function count(word: string): Promise<number> {
  return (await silent.output()).split(/\r?\n/).filter(line => line === word).length;
}

/** A client of the silent server that has sent something and sees nothing come. */
async function unanswered(
  t: ExecutionContext,
  protocol: EndpointProtocol,
): Promise<{client: Client; chain: Chain}> {
  const chain = await chainFor(t, twin, {target: 'pipe:silent', protocol, sharing: 'always'});
  const before = await count('accepted');
  const client = await Client.to(chain.socket);
  t.teardown(() => client.close());
  client.send(Buffer.of(0, 0, 0, 1, 11));
  await poll('the server to accept', CEILING, async () => (await count('accepted')) > before);
  return {client, chain};
}

for (const protocol of ['ssh-agent', 'raw'] as const)
  test.serial(
    `${protocol}: a server that says nothing may be waiting for a person, until the client goes`,
    async t => {
      const {client, chain} = await unanswered(t, protocol);
      const before = await count('closed');
      const came = await Promise.race([client.read(1).catch(() => 'the end'), sleep(WHILE, 'nothing')]);
      t.is(came, 'nothing');
      t.is(await count('closed'), before);
      client.close();
      await chain.line(/socket#1: /);
      t.deepEqual(
        chain.lines.filter(line => line.includes('warning')),
        [],
      );
      await poll('the pipe to be closed', SOON, async () => (await count('closed')) > before);
    },
  );

test.serial('assuan: a server that does not greet is found out, and the client is told', async t => {
  const {client, chain} = await unanswered(t, 'assuan');
  t.regex((await client.rest()).toString(), /^ERR \d+ .*did not greet within 10 s.*\n$/);
  t.regex(await chain.line(/warning: socket#1: /), /did not greet within 10 s/);
});
