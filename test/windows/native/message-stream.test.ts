import test from 'ava';
import {MessageStream, type PipeCalls} from '../../../windows/native/message-stream.ts';

/** A pipe in whose place the test says what each call gives. */
class Pipe implements PipeCalls {
  reads: ((error: number, bytes: Uint8Array) => void)[] = [];
  writes: {bytes: Buffer; done: (error: number, count: number) => void}[] = [];
  closed = 0;

  read(done: (error: number, bytes: Uint8Array) => void): void {
    this.reads.push(done);
  }

  write(bytes: Uint8Array, done: (error: number, count: number) => void): void {
    this.writes.push({bytes: Buffer.from(bytes), done});
  }

  close(done: () => void): void {
    this.closed++;
    done();
  }

  /** What the server sends, or with an error what became of it. */
  gives(bytes: string, error = 0): void {
    this.reads.shift()?.(error, Buffer.from(bytes));
  }

  /** The oldest write is done; gives what it was. */
  took(error = 0): string {
    const write = this.writes.shift();
    write?.done(error, error === 0 ? write.bytes.length : 0);
    return write?.bytes.toString() ?? 'no write';
  }
}

/** A stream with all that it tells. */
function start() {
  const pipe = new Pipe();
  const stream = new MessageStream(pipe);
  const events: string[] = [];
  stream.on('data', chunk => events.push(String(chunk)));
  for (const event of ['end', 'finish', 'close']) stream.on(event, () => events.push(event));
  stream.on('error', (error: NodeJS.ErrnoException) => events.push(`${error.syscall} ${error.code}`));
  return {pipe, stream, events};
}

/** `once` would reject on an error, which is one of the things that are told. */
const over = (stream: MessageStream) => new Promise(resolve => stream.once('close', resolve));
const turn = () => new Promise(resolve => setImmediate(resolve));

for (const error of [109, 233])
  test(`the server is gone (${error}): what it said first, then the end, then the close`, async t => {
    const {pipe, stream, events} = start();
    await turn();
    pipe.gives('one');
    await turn();
    pipe.gives('', error);
    await over(stream);
    t.deepEqual(events, ['one', 'end', 'close']);
    t.deepEqual([pipe.closed, pipe.reads.length], [1, 0]);
  });

test('an empty message is the end of one direction; the other goes on, and what comes after it is dropped', async t => {
  const {pipe, stream, events} = start();
  await turn();
  pipe.gives('one');
  await turn();
  pipe.gives('');
  await turn();
  t.deepEqual(events, ['one', 'end']);
  stream.write('more');
  t.is(pipe.took(), 'more');
  pipe.gives('late');
  await turn();
  t.false(stream.destroyed);
  // it is watched for the close, which there is no other way to see
  pipe.gives('', 109);
  await over(stream);
  t.deepEqual(events, ['one', 'end', 'close']);
});

test('our end is an empty message, after everything written; and then both have ended', async t => {
  const {pipe, stream, events} = start();
  await turn();
  stream.write('one');
  stream.end('two');
  t.is(pipe.took(), 'one');
  await turn();
  t.is(pipe.took(), 'two');
  await turn();
  t.is(pipe.took(), '');
  await turn();
  t.deepEqual(events, ['finish']);
  t.is(pipe.closed, 0);
  pipe.gives('answer');
  await turn();
  pipe.gives('');
  await over(stream);
  t.deepEqual(events, ['finish', 'answer', 'end', 'close']);
});

test('nothing written sends nothing: it would be an end', async t => {
  const {pipe, stream} = start();
  await new Promise(resolve => stream.write('', resolve));
  t.is(pipe.writes.length, 0);
});

test('a write that goes in parts is one write', async t => {
  const {pipe, stream} = start();
  let written = false;
  stream.write('abcdef', () => {
    written = true;
  });
  pipe.writes.shift()?.done(0, 4);
  t.is(pipe.took(), 'ef');
  await turn();
  t.true(written);
});

for (const error of [109, 232, 233])
  test(`a write to a server that is gone (${error}) fails when all that it had said is delivered`, async t => {
    const {pipe, stream, events} = start();
    await turn();
    stream.write('late');
    pipe.took(error);
    await turn();
    pipe.gives('last words');
    await turn();
    pipe.gives('', 109);
    await over(stream);
    t.deepEqual(events, ['last words', 'end', 'write EPIPE', 'close']);
  });

test('an end to a server that is gone is no failure', async t => {
  const {pipe, stream, events} = start();
  await turn();
  stream.end();
  pipe.took(232);
  await turn();
  pipe.gives('', 109);
  await over(stream);
  t.deepEqual(events, ['finish', 'end', 'close']);
});

test('any other error of a read or a write is told as it is', async t => {
  const reading = start();
  await turn();
  reading.pipe.gives('', 5);
  await over(reading.stream);
  t.deepEqual(reading.events, ['read EIO', 'close']);
  const writing = start();
  writing.stream.write('one');
  writing.pipe.took(5);
  await over(writing.stream);
  t.deepEqual(writing.events, ['write EIO', 'close']);
});

test('a reader that pauses is not read for', async t => {
  const {pipe, stream} = start();
  stream.pause();
  await turn();
  for (let round = 0; round < 10 && pipe.reads.length > 0; round++) {
    pipe.gives('x'.repeat(64 * 1024));
    await turn();
  }
  t.is(pipe.reads.length, 0);
  stream.resume();
  await turn();
  t.is(pipe.reads.length, 1);
});

test('a stream that is destroyed closes the pipe once, and whoever waits for a write that failed is told', async t => {
  const {pipe, stream, events} = start();
  await turn();
  let told: Error | null | undefined;
  stream.write('late', error => {
    told = error;
  });
  pipe.took(232);
  stream.destroy();
  await over(stream);
  stream.destroy();
  await turn();
  t.deepEqual(events, ['close']);
  t.is(pipe.closed, 1);
  t.true(told instanceof Error);
});
