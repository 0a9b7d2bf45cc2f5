import {createServer} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import ssh2 from 'ssh2';
import {type Bed, type BedOptions, HELPER, helperPids, startBed, temporaryFolder, until} from './bed.ts';

type Agent = {path: string; key: ssh2.ParsedKey; connections(): number};

/** An ssh agent with one key. */
async function startAgent(t: ExecutionContext): Promise<Agent> {
  const path = join(temporaryFolder(t), 'agent.sock');
  // of ssh2's ed25519 keys one in some three hundred is malformed (1.17.0)
  const key = parse(ssh2.utils.generateKeyPairSync('ecdsa', {bits: 256}).private);
  let connections = 0;
  const server = createServer(socket => {
    connections++;
    const protocol = new ssh2.AgentProtocol(false);
    protocol.on('identities', request => protocol.getIdentitiesReply(request, [key]));
    protocol.on('sign', (request, _, data) => protocol.signReply(request, key.sign(data) as Buffer));
    socket.on('error', () => {});
    socket.pipe(protocol).pipe(socket);
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.teardown(() => server.close());
  return {path, key, connections: () => connections};
}

function parse(text: string): ssh2.ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return Array.isArray(key) ? key[0] : key;
}

function identities(path: string): Promise<ssh2.ParsedKey[]> {
  return new Promise((resolve, reject) => {
    new ssh2.OpenSSHAgent(path).getIdentities((error, keys) =>
      error ? reject(error) : resolve((keys ?? []).map(key => parse(keyText(key)))),
    );
  });
}

function keyText(key: unknown): string {
  const parsed = key as ssh2.ParsedKey;
  return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
}

function sign(path: string, key: ssh2.ParsedKey, data: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    new ssh2.OpenSSHAgent(path).sign(key, data, (error, signature) =>
      error || signature === undefined ? reject(error) : resolve(signature),
    );
  });
}

async function chain(t: ExecutionContext, options: BedOptions = {}): Promise<{bed: Bed; agent: Agent}> {
  const agent = await startAgent(t);
  const bed = await startBed(t, '', {
    protocol: 'ssh-agent',
    targets: [`pipe:${agent.path}`],
    helper: HELPER,
    ...options,
  });
  return {bed, agent};
}

test('keys are listed and sign, through relay and helper', async t => {
  const {bed, agent} = await chain(t);
  const keys = await identities(bed.path());
  t.deepEqual(keys.map(keyText), [keyText(agent.key)]);
  const data = Buffer.from('to be signed');
  t.true(agent.key.verify(data, await sign(bed.path(), agent.key, data)));
  await until(
    'two journal lines',
    () => bed.lines.filter(line => line.startsWith('info: main#')).length === 2,
  );
  t.regex(bed.lines.find(line => line.includes('main#1')) ?? '', /info: main#1: pipe:.* answered in \d+ ms/);
});

test('no agent: the client is told, and the journal names the pipe', async t => {
  const {bed} = await chain(t, {targets: ['pipe:/nowhere/agent.sock']});
  await t.throwsAsync(identities(bed.path()));
  await until('the journal line', () => bed.lines.some(line => line.startsWith('warning: main#1')));
  t.regex(bed.lines.find(line => line.includes('main#1')) ?? '', /\/nowhere\/agent\.sock.*; hint: /);
});

test('a helper that is killed fails its client alone', async t => {
  const {bed, agent} = await chain(t);
  await identities(bed.path());
  for (const pid of helperPids(bed.lines)) process.kill(pid, 'SIGKILL');
  t.deepEqual((await identities(bed.path())).map(keyText), [keyText(agent.key)]);
});

for (const sharing of ['overflow', 'never', 'always'] as const)
  test.serial(
    `twenty clients at the same moment, many rounds, each with an agent connection of its own (${sharing})`,
    async t => {
      // a process for each client takes its time
      t.timeout(180_000);
      const rounds = sharing === 'never' ? 2 : 10;
      const {bed, agent} = await chain(t, {sharing, maxHelpers: 6});
      for (let round = 0; round < rounds; round++) {
        const lists = await Promise.all(Array.from({length: 20}, () => identities(bed.path())));
        t.true(lists.every(keys => keys.length === 1));
      }
      t.is(agent.connections(), 20 * rounds);
    },
  );
