import {once} from 'node:events';
import test from 'ava';
import fc from 'fast-check';
import {type SocketCalls, type SocketResult, SocketStream} from '../../../windows/native/socket-stream.ts';
import {cuts, join} from '../../shared/chunks.ts';

/** A socket whose every call is prepared: what comes in pieces, with waits between them, and how much it takes. */
class FakeSocket implements SocketCalls {
  /** What receive answers, in order; after that it waits. */
  readonly incoming: (Uint8Array | SocketResult)[] = [];
  /** How much each send takes, in order; after that all. 0 is a wait. */
  readonly takes: (number | {error: number})[] = [];
  readonly sent: Uint8Array[] = [];
  readonly log: string[] = [];
  received = 0;
  /** Whether each wait is soon over. */
  prompt = false;
  #ready: ((failed: boolean) => void) | undefined;

  receive(into: Uint8Array): SocketResult {
    const next = this.incoming.shift() ?? 'wait';
    if (!(next instanceof Uint8Array)) return next;
    into.set(next);
    this.received += next.length;
    return next.length;
  }

  send(bytes: Uint8Array): SocketResult {
    const limit = this.takes.shift() ?? bytes.length;
    if (limit === 0) return 'wait';
    if (typeof limit === 'object') return limit;
    const part = bytes.slice(0, limit);
    this.sent.push(part);
    return part.length;
  }

  endSending(): SocketResult {
    this.log.push('end');
    return 0;
  }

  wait({readable, writable}: {readable: boolean; writable: boolean}, ready: (failed: boolean) => void): void {
    this.log.push(`wait${readable ? ' readable' : ''}${writable ? ' writable' : ''}`);
    this.#ready = ready;
    if (this.prompt) setImmediate(() => this.tell());
  }

  tell(failed = false): void {
    const ready = this.#ready;
    this.#ready = undefined;
    ready?.(failed);
  }

  close(): void {
    this.log.push('close');
    this.#ready = undefined;
  }
}

async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve));
}

test('every byte arrives, however they come and however often the socket has to be waited for', async t => {
  const content = fc.uint8Array({minLength: 1, maxLength: 400});
  const pieces = content.chain(bytes => cuts(bytes).map(parts => ({bytes, parts})));
  await fc.assert(
    fc.asyncProperty(pieces, fc.array(fc.boolean(), {maxLength: 40}), async ({bytes, parts}, waits) => {
      const socket = new FakeSocket();
      socket.prompt = true;
      for (const [index, part] of parts.entries())
        socket.incoming.push(...(waits[index] ? (['wait', part] as const) : [part]));
      socket.incoming.push(0);
      const stream = new SocketStream(socket);
      const heard: Uint8Array[] = [];
      stream.on('data', chunk => heard.push(chunk));
      await once(stream, 'end');
      t.deepEqual(join(heard), bytes);
      t.false(stream.destroyed, 'the other direction stays open');
      stream.destroy();
    }),
    {numRuns: 60},
  );
});

test('every byte is sent, however little the socket takes at a time, and then the end is told', async t => {
  const written = fc.uint8Array({minLength: 1, maxLength: 400}).chain(bytes => cuts(bytes));
  await fc.assert(
    fc.asyncProperty(written, fc.array(fc.nat(30), {maxLength: 60}), async (chunks, takes) => {
      const socket = new FakeSocket();
      socket.prompt = true;
      socket.takes.push(...takes);
      const stream = new SocketStream(socket);
      let done = 0;
      for (const chunk of chunks) stream.write(chunk, () => done++);
      await new Promise<void>(resolve => stream.end(() => resolve()));
      t.is(done, chunks.length);
      t.deepEqual(join(socket.sent), join(chunks));
      t.is(socket.log.at(-1), 'end');
      t.false(stream.destroyed, 'the other direction stays open');
      stream.destroy();
    }),
    {numRuns: 60},
  );
});

test('nobody reads: no more is taken than the stream’s own buffer', async t => {
  const socket = new FakeSocket();
  const stream = new SocketStream(socket);
  for (let count = 0; count < 100; count++) socket.incoming.push(new Uint8Array(64 * 1024));
  stream.read(0);
  await turns(50);
  t.true(socket.received <= stream.readableHighWaterMark + 64 * 1024, `${socket.received} bytes`);
  stream.on('data', () => {});
  await turns(300);
  t.is(socket.received, 100 * 64 * 1024);
  stream.destroy();
});

test('a socket that takes nothing: the write is not done, and reads go on', async t => {
  const socket = new FakeSocket();
  socket.takes.push(0);
  const stream = new SocketStream(socket);
  const heard: Buffer[] = [];
  stream.on('data', chunk => heard.push(chunk));
  let done = false;
  stream.write('never taken', () => {
    done = true;
  });
  await turns();
  t.is(socket.log.at(-1), 'wait readable writable', 'one wait for both');
  socket.incoming.push(Buffer.from('meanwhile'));
  socket.takes.push(0);
  socket.tell();
  await turns();
  t.is(String(Buffer.concat(heard)), 'meanwhile');
  t.false(done);
  stream.destroy();
});

test('errors have Node’s names, and the socket is closed once', async t => {
  const cases: [number, string][] = [
    [10_053, 'ECONNABORTED'],
    [10_054, 'ECONNRESET'],
    [10_058, 'EPIPE'],
    [10_050, 'EIO'],
  ];
  for (const [error, code] of cases) {
    const socket = new FakeSocket();
    const stream = new SocketStream(socket);
    socket.incoming.push({error});
    stream.resume();
    const [failed] = await once(stream, 'error');
    t.is(failed.code, code);
    t.is(failed.syscall, 'read');
    t.deepEqual(
      socket.log.filter(line => line === 'close'),
      ['close'],
    );
    const writing = new FakeSocket();
    writing.takes.push({error});
    const writer = new SocketStream(writing);
    writer.write('x');
    t.is((await once(writer, 'error'))[0].code, code);
    t.is(writing.log.at(-1), 'close');
  }
});

test('a wait that fails ends the stream instead of beginning again', async t => {
  const socket = new FakeSocket();
  const stream = new SocketStream(socket);
  stream.resume();
  await turns();
  const failed = once(stream, 'error');
  socket.tell(true);
  t.is((await failed)[0].syscall, 'poll');
  t.is(socket.log.filter(line => line.startsWith('wait')).length, 1);
  t.is(socket.log.at(-1), 'close');
});

test('destroyed in the middle: what was being written is told, and nothing is called any more', async t => {
  const socket = new FakeSocket();
  socket.takes.push(0);
  const stream = new SocketStream(socket);
  stream.resume();
  const written = new Promise<Error | null | undefined>(resolve => stream.write('x', resolve));
  stream.destroy();
  t.is(((await written) as NodeJS.ErrnoException).code, 'ECANCELED');
  socket.incoming.push(Buffer.from('late'));
  socket.tell();
  await turns();
  t.is(socket.received, 0);
  t.deepEqual(
    socket.log.filter(line => line === 'close'),
    ['close'],
  );
});
