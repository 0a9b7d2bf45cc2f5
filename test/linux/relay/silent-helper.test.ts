/** Helpers that live and do nothing: stopped by SIGSTOP, as what is between Linux and Windows is after a sleep. */
import {createServer} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {REQUEST_IDENTITIES} from '../../../shared/ssh-agent/identities.ts';
import {MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';
import {isRunning} from '../../is-running.ts';
import {
  type Bed,
  type BedOptions,
  type Client,
  fixture,
  HELPER,
  helperPids,
  startBed,
  temporaryFolder,
  until,
} from './bed.ts';

const MODES = ['overflow', 'never', 'always'] as const;

/**
 * In milliseconds: for who comes next, and for who waits already. The goals are 5 and 15 s, and `npm run faults` measures
 * them; a test runs beside others, which starts of programs feel.
 */
const NEXT = 10_000;
const WAITING = 15_000;
/** Longer than a helper is ever given for a sign of life. */
const PERSON = 20_000;

const FAILURE = Buffer.of(0, 0, 0, 1, 5);
const KEYS = Buffer.of(0, 0, 0, 5, 12, 0, 0, 0, 0);
const SUCCESS = Buffer.of(0, 0, 0, 1, 6);
const SIGN = Buffer.of(0, 0, 0, 2, 13, 0x73);
const SIGNATURE = Buffer.of(0, 0, 0, 2, 14, 0x73);
const NAME = 'session-bind@openssh.com';
const BIND = Buffer.concat([
  Buffer.of(0, 0, 0, 5 + NAME.length, 27, 0, 0, 0, NAME.length),
  Buffer.from(NAME),
]);

/** An ssh agent: it lists and binds at once, and signs when a person has thought for so long. */
async function startAgent(t: ExecutionContext, person: number) {
  const path = join(temporaryFolder(t), 'agent.sock');
  /** The types of all requests, by connection. */
  const seen: number[][] = [];
  const server = createServer(socket => {
    const types: number[] = [];
    const splitter = new MessageSplitter();
    seen.push(types);
    socket.on('error', () => {});
    socket.on('data', bytes => {
      for (const request of splitter.push(bytes)) {
        const type = request[4] ?? 0;
        types.push(type);
        if (type === 11) socket.write(KEYS);
        else if (type === 27) socket.write(SUCCESS);
        else setTimeout(() => socket.write(SIGNATURE), person).unref();
      }
    });
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.teardown(() => server.close());
  return {target: `pipe:${path}`, seen, signs: () => seen.flat().filter(type => type === 13).length};
}

async function bedWithAgent(t: ExecutionContext, options: BedOptions, person = 60_000) {
  t.timeout(120_000);
  const agent = await startAgent(t, person);
  const bed = await startBed(t, '', {
    helper: HELPER,
    protocol: 'ssh-agent',
    targets: [agent.target],
    ...options,
  });
  return {bed, agent};
}

const running = ({lines}: Bed) => helperPids(lines).filter(isRunning);
const ready = ({lines}: Bed) => lines.filter(line => /: ready/.test(line)).length;
const warnings = ({lines}: Bed) => lines.filter(line => line.startsWith('warning: helper'));
const SILENT = /^warning: helper \d+: the helper gives no sign of life: .*; hint: .*wsl\.exe --shutdown/;

async function list(bed: Bed): Promise<Buffer> {
  const client = bed.connect().write(REQUEST_IDENTITIES);
  const keys = await client.take(KEYS.length);
  client.end();
  return keys;
}

/** Waits until so many helpers are ready, and so many that were started before are gone. */
async function rested(bed: Bed, count: number, gone: number): Promise<void> {
  const left = () => bed.lines.filter(line => /: gone$/.test(line)).length;
  await until(
    `${count} helpers`,
    () => left() === gone && running(bed).length === count && ready(bed) === count + gone,
  );
}

/** Stops every helper that runs, and gives their process ids. */
function stopAll(bed: Bed): number[] {
  const pids = running(bed);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return pids;
}

/** Waits for so many bytes; gives them, and how long that took from `since` on, in milliseconds. */
async function answer(client: Client, count: number, since: number) {
  return {bytes: await client.take(count), took: performance.now() - since};
}

for (const sharing of MODES)
  test(`${sharing}: a helper that was stopped while it served nobody: the next client is answered, and one line says why`, async t => {
    const {bed} = await bedWithAgent(t, {sharing});
    t.deepEqual(await list(bed), KEYS);
    const times: number[] = [];
    for (let round = 1; round <= 2; round++) {
      // in this mode the helper of each client leaves with it
      await rested(bed, 1, sharing === 'never' ? 2 * round - 1 : round - 1);
      const stopped = stopAll(bed);
      const since = performance.now();
      t.deepEqual(await list(bed), KEYS);
      times.push(performance.now() - since);
      await until('the stopped one to be gone', () => !stopped.some(isRunning));
      t.is(warnings(bed).length, round, bed.lines.join('\n'));
      t.regex(warnings(bed).at(-1) ?? '', SILENT);
    }
    t.log(times.map(Math.round).join());
    // the best of two says what the program does, the rest what the machine does
    t.true(Math.min(...times) < NEXT, times.join());
  });

for (const sharing of MODES)
  test(`${sharing}: a helper that is stopped while its clients wait: lists are asked again, a signature is not`, async t => {
    const {bed, agent} = await bedWithAgent(t, {sharing, maxHelpers: 4});
    const signer = bed.connect().write(BIND);
    t.deepEqual(await signer.take(SUCCESS.length), SUCCESS);
    signer.write(SIGN);
    await until('the signature to be asked for', () => agent.signs() === 1);
    const lister = bed.connect().write(BIND);
    t.deepEqual(await lister.take(SUCCESS.length), SUCCESS);
    const bound = bed.connect().write(BIND);
    t.deepEqual(await bound.take(SUCCESS.length), SUCCESS);
    stopAll(bed);
    const since = performance.now();
    lister.write(REQUEST_IDENTITIES);
    const [listed, refused, next] = await Promise.all([
      answer(lister, KEYS.length, since),
      answer(signer, FAILURE.length, since),
      list(bed).then(keys => ({keys, took: performance.now() - since})),
    ]);
    t.deepEqual([listed.bytes, refused.bytes, next.keys], [KEYS, FAILURE, KEYS]);
    t.log([listed, refused, next].map(({took}) => Math.round(took)).join());
    t.true(Math.max(listed.took, refused.took) < WAITING);
    // who asks for nothing has lost nothing
    bound.write(REQUEST_IDENTITIES);
    t.deepEqual(await bound.take(KEYS.length), KEYS);
    t.is(agent.signs(), 1);
    // what a connection is bound to was said to the next before anything else
    t.is(agent.seen.filter(types => types.length === 2 && types[0] === 27 && types[1] === 11).length, 2);
    t.true(warnings(bed).every(line => SILENT.test(line)));
    await until(
      'the stopped ones to be gone',
      () => warnings(bed).length + running(bed).length === helperPids(bed.lines).length,
    );
  });

for (const sharing of MODES)
  test(`${sharing}: a person who takes longer than all that is waited for`, async t => {
    const {bed, agent} = await bedWithAgent(t, {sharing}, PERSON);
    const client = bed.connect().write(SIGN);
    const since = performance.now();
    t.deepEqual(await client.take(SIGNATURE.length), SIGNATURE);
    t.true(performance.now() - since > PERSON - 1000);
    t.deepEqual([agent.signs(), warnings(bed)], [1, []]);
  });

for (const sharing of ['overflow', 'never'] as const)
  test(`${sharing}: when several were stopped at once, the next client does not try one after the other`, async t => {
    const {bed} = await bedWithAgent(t, {sharing, spares: 3});
    t.deepEqual(await list(bed), KEYS);
    await rested(bed, 3, sharing === 'never' ? 1 : 0);
    const stopped = stopAll(bed);
    const since = performance.now();
    t.deepEqual(await list(bed), KEYS);
    t.true(performance.now() - since < WAITING);
    t.is(warnings(bed).length, 1, 'the others have not had their time yet');
    await until('all of them to be gone', () => !stopped.some(isRunning));
    t.is(warnings(bed).length, 3);
  });

for (const [protocol, words] of [
  ['raw', 'said at once'],
  ['assuan', 'said at once'],
  ['assuan', ''],
] as const)
  test(`a stopped helper and a client of ${protocol} that has ${words === '' ? 'said nothing yet' : words}`, async t => {
    const bed = await startBed(t, 'echo', {protocol, sharing: 'always'});
    t.is(String(await bed.connect().end('x').all), 'x');
    const [stopped = 0] = stopAll(bed);
    const client = bed.connect();
    if (words === '') await until('another helper', () => helperPids(bed.lines).length === 2);
    else client.write(words);
    await until('the stopped one to be gone', () => !isRunning(stopped));
    if (words === '') client.write('later');
    t.is(String(await client.take(words.length || 5)), words || 'later');
    t.is(helperPids(bed.lines).length, 2);
    t.is(warnings(bed).length, 1);
  });

test('a helper whose pipe is full when it is stopped, so that it cannot even be asked', async t => {
  const {bed, agent} = await bedWithAgent(t, {sharing: 'always'});
  const signer = bed.connect().write(SIGN);
  await until('the signature to be asked for', () => agent.signs() === 1);
  stopAll(bed);
  const flood = bed.connect();
  const much = Buffer.alloc(200_000, SIGN);
  for (let count = 0; count < 10; count++) flood.write(much);
  const since = performance.now();
  t.deepEqual(await list(bed), KEYS);
  t.deepEqual(await signer.take(FAILURE.length), FAILURE);
  t.true(performance.now() - since < WAITING);
});

test('a helper that was stopped for two seconds goes on as if nothing had been', async t => {
  const {bed, agent} = await bedWithAgent(t, {sharing: 'always'});
  bed.connect().write(SIGN);
  await until('the signature to be asked for', () => agent.signs() === 1);
  const [pid = 0] = stopAll(bed);
  const next = bed.connect().write(REQUEST_IDENTITIES);
  await new Promise(resolve => setTimeout(resolve, 2000));
  process.kill(pid, 'SIGCONT');
  t.deepEqual(await next.take(KEYS.length), KEYS);
  t.deepEqual([helperPids(bed.lines), warnings(bed), agent.signs()], [[pid], [], 1]);
});

test('a helper that speaks again after it was doubted keeps who waits for a person, and takes nobody else', async t => {
  const {bed, agent} = await bedWithAgent(t, {sharing: 'always'}, 10_000);
  const signer = bed.connect().write(SIGN);
  await until('the signature to be asked for', () => agent.signs() === 1);
  const [pid = 0] = stopAll(bed);
  t.deepEqual(await list(bed), KEYS);
  process.kill(pid, 'SIGCONT');
  t.deepEqual(await signer.take(SIGNATURE.length), SIGNATURE);
  t.deepEqual(await list(bed), KEYS);
  t.is(agent.signs(), 1);
  signer.end();
  await until('it to be gone', () => !isRunning(pid));
  t.is(helperPids(bed.lines).length, 2);
});

test.serial('when the relay itself was held up, nobody is blamed', async t => {
  const {bed, agent} = await bedWithAgent(t, {sharing: 'always'});
  bed.connect().write(SIGN);
  await until('the signature to be asked for', () => agent.signs() === 1);
  const [pid = 0] = running(bed);
  for (let count = 0; count < 2; count++) {
    // so that a question is open, as far as that can be seen from here
    process.kill(pid, 'SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, 4600));
    process.kill(pid, 'SIGCONT');
    // after it timers come first, and pipes are read later
    await new Promise(resolve => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 9000);
    t.deepEqual(await list(bed), KEYS);
  }
  t.deepEqual([helperPids(bed.lines), warnings(bed)], [[pid], []]);
});

test('a helper that is killed costs no list, and a client that asks for nothing at that moment loses nothing', async t => {
  const {bed, agent} = await bedWithAgent(t, {sharing: 'always'});
  const client = bed.connect();
  for (let round = 1; round <= 3; round++) {
    client.write(REQUEST_IDENTITIES);
    t.deepEqual(await client.take(KEYS.length), KEYS);
    const [pid = 0] = running(bed);
    // every other time it has the request already, and does nothing with it
    if (round % 2 === 0) {
      process.kill(pid, 'SIGSTOP');
      client.write(REQUEST_IDENTITIES);
      await until('the relay to have it', () => client.socket.writableLength === 0);
    }
    process.kill(pid, 'SIGKILL');
    await until('the word', () => warnings(bed).length === round);
    if (round % 2 === 0) t.deepEqual(await client.take(KEYS.length), KEYS);
  }
  t.true(warnings(bed).every(line => /ended while it served \(SIGKILL\)$/.test(line)));
  t.is(agent.seen.length, 3);
});

test('a start that sticks where others went well is no hindrance', async t => {
  const {command, args} = fixture('one-sticks');
  const helper = {command, args: [...args, join(temporaryFolder(t), 'count'), '2'], cwd: undefined};
  const bed = await startBed(t, '', {helper, sharing: 'always'});
  t.is(String(await bed.connect().end('x').all), 'x');
  process.kill(helperPids(bed.lines)[0] ?? 0, 'SIGKILL');
  await until('the first to be gone', () => running(bed).length === 0);
  const since = performance.now();
  t.is(String(await bed.connect().end('y').all), 'y');
  t.true(performance.now() - since < WAITING - 1000, 'before the one that sticks is given up');
  t.is(helperPids(bed.lines).length, 3);
});
