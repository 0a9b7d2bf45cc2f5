import {Duplex} from 'node:stream';
import test from 'ava';
import {copyBothWays} from '../../windows/npiperelay/copy.ts';
import type {Flag} from '../../windows/npiperelay/flags.ts';
import type {Stdio} from '../../windows/npiperelay/stdio.ts';
import type {ReaderEvents} from '../../windows/stdio/reader.ts';

// Points of docs/npiperelay.md: 4, 5 and 11, each row of its table for a byte pipe, a message pipe and TCP.

type Kind = 'byte pipe' | 'message pipe' | 'TCP';
const ALL: Kind[] = ['byte pipe', 'message pipe', 'TCP'];
/** Those that have an end of one direction. */
const HALVES: Kind[] = ['message pipe', 'TCP'];

const PROPERTIES = {
  'byte pipe': {halfCloses: false},
  'message pipe': {halfCloses: true, endIsMessage: true},
  TCP: {halfCloses: true},
} as const;

function systemError(code: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall} ${code}`), {code, syscall});
}

/** What is at the other end: a stream that a test feeds and looks into. */
class Peer extends Duplex {
  heard: string[] = [];
  told = false;
  /** How the next write ends; undefined is well. */
  writeError: Error | undefined;

  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.heard.push(chunk.toString());
    done(this.writeError);
  }
  override _final(done: () => void): void {
    this.told = true;
    done();
  }
}

/** A copy that runs, with everything around it in the test's hands. */
class Bench {
  readonly peer = new Peer();
  readonly lines: string[] = [];
  stdout = '';
  stdoutClosed = false;
  code: number | undefined;
  readonly #stdin: ReaderEvents;
  readonly #stdoutFails: (error: NodeJS.ErrnoException) => void;

  constructor(kind: Kind, flags: Flag[]) {
    let stdin: ReaderEvents | undefined;
    let fails: (error: NodeJS.ErrnoException) => void = () => {};
    const stdio: Stdio = {
      input: events => {
        stdin = events;
        return {pause: () => {}, resume: () => {}};
      },
      output: failed => {
        fails = failed;
        const write = (bytes: Uint8Array, written?: () => void): void => {
          this.stdout += Buffer.from(bytes).toString();
          written?.();
        };
        return {write, flushed: () => Promise.resolve(), pending: 0};
      },
      closeOutput: () => {
        this.stdoutClosed = true;
      },
      say: line => this.lines.push(line),
    };
    const connection = {stream: this.peer, detail: kind, ...PROPERTIES[kind]};
    void copyBothWays(connection, new Set<Flag>([...flags, 'v']), stdio).then(code => {
      this.code = code;
    });
    if (stdin === undefined) throw new Error('nobody reads stdin');
    this.#stdin = stdin;
    this.#stdoutFails = fails;
  }

  say(text: string): void {
    this.#stdin.data(Buffer.from(text));
  }

  endStdin(): void {
    this.#stdin.end();
  }

  failStdin(error: NodeJS.ErrnoException): void {
    this.#stdin.failed(error);
  }

  failStdout(error: NodeJS.ErrnoException): void {
    this.#stdoutFails(error);
  }

  /** Lets everything that is due happen. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve));
  }
}

const STDIN_DONE = 'copy from stdin to pipe finished';
const PIPE_DONE = 'copy from pipe to stdout finished';
const PIPE_CLOSED = 'copy from pipe to stdout finished: pipe closed';

for (const kind of ALL) {
  test(`point 4: ${kind}: stdin ends with -ei: what was read is written, and that is all`, async t => {
    for (const flags of [['ei'], ['ei', 's'], ['ei', 'ep', 's']] as Flag[][]) {
      const bench = new Bench(kind, flags);
      bench.say('request');
      bench.endStdin();
      await bench.settle();
      t.is(bench.code, 0);
      t.deepEqual(bench.peer.heard, ['request']);
      t.false(bench.peer.told, '-ei goes before -s');
      t.true(bench.peer.destroyed);
      t.deepEqual(bench.lines, [STDIN_DONE]);
    }
  });

  test(`point 4: ${kind}: with -ei, an answer that is there is passed on`, async t => {
    const bench = new Bench(kind, ['ei']);
    bench.say('request');
    bench.peer.push('answer');
    await bench.settle();
    bench.endStdin();
    await bench.settle();
    t.is(bench.code, 0);
    t.is(bench.stdout, 'answer');
  });

  test(`points 4 and 5: ${kind}: stdin ends without -ei, and a late answer still comes`, async t => {
    for (const flags of [[], ['s'], ['ep'], ['ep', 's']] as Flag[][]) {
      const bench = new Bench(kind, flags);
      bench.say('request');
      bench.endStdin();
      await bench.settle();
      t.is(bench.code, undefined);
      // An end that can be told without a message always is; an empty message is what -s asks for.
      t.is(bench.peer.told, kind === 'TCP' || (kind === 'message pipe' && flags.includes('s')));
      t.deepEqual(
        bench.peer.heard,
        kind === 'byte pipe' && flags.includes('s') ? ['request', ''] : ['request'],
      );
      await new Promise(resolve => setTimeout(resolve, 250));
      bench.peer.push('answer');
      await bench.settle();
      t.is(bench.stdout, 'answer');
      t.is(bench.code, undefined);
      bench.peer.push(null);
      await bench.settle();
      t.is(bench.code, 0);
      t.deepEqual(bench.lines, [STDIN_DONE, kind === 'byte pipe' ? PIPE_CLOSED : PIPE_DONE]);
    }
  });

  test(`point 4: ${kind}: stdin cannot be read`, async t => {
    const bench = new Bench(kind, []);
    bench.failStdin(systemError('EIO', 'read'));
    await bench.settle();
    t.is(bench.code, 1);
    t.deepEqual(bench.lines, ['copy from stdin to pipe failed: read /dev/stdin: read EIO']);
  });

  test(`point 4: ${kind}: the pipe takes no more`, async t => {
    const bench = new Bench(kind, ['ei']);
    bench.peer.writeError = systemError('EPIPE', 'write');
    bench.say('request');
    await bench.settle();
    t.is(bench.code, 1);
    t.deepEqual(bench.lines, ['copy from stdin to pipe failed: write: The pipe is being closed.']);
  });

  for (const code of ['EPIPE', 'ECONNRESET'])
    test(`points 4 and 11: ${kind}: the server disconnects (${code}), and stdin is not awaited`, async t => {
      const bench = new Bench(kind, []);
      bench.peer.push('last words');
      await bench.settle();
      bench.peer.destroy(systemError(code, 'read'));
      await bench.settle();
      t.is(bench.code, 0);
      t.is(bench.stdout, 'last words');
      t.deepEqual(bench.lines, [PIPE_CLOSED]);
    });

  test(`point 4: ${kind}: the pipe cannot be read`, async t => {
    const bench = new Bench(kind, []);
    bench.peer.destroy(systemError('EIO', 'read'));
    await bench.settle();
    t.is(bench.code, 1);
    t.deepEqual(bench.lines, ['copy from pipe to stdout failed: read: read EIO']);
  });

  test(`point 4: ${kind}: stdout takes no more`, async t => {
    const bench = new Bench(kind, []);
    bench.failStdout(systemError('EPIPE', 'write'));
    await bench.settle();
    t.is(bench.code, 1);
    t.deepEqual(bench.lines, [
      'copy from pipe to stdout failed: write /dev/stdout: The pipe is being closed.',
    ]);
    t.true(bench.peer.destroyed);
  });
}

test('point 4: byte pipe: the end is the end of both directions, with and without -ep', async t => {
  for (const flags of [[], ['ep']] as Flag[][]) {
    const bench = new Bench('byte pipe', flags);
    bench.peer.push('bye');
    bench.peer.push(null);
    await bench.settle();
    t.is(bench.code, 0);
    t.is(bench.stdout, 'bye');
    t.deepEqual(bench.lines, [PIPE_CLOSED]);
  }
});

for (const kind of HALVES) {
  test(`point 4: ${kind}: the other direction ends with -ep`, async t => {
    const bench = new Bench(kind, ['ep']);
    bench.peer.push('bye');
    bench.peer.push(null);
    await bench.settle();
    t.is(bench.code, 0);
    t.is(bench.stdout, 'bye');
    t.deepEqual(bench.lines, [PIPE_DONE]);
  });

  test(`point 4: ${kind}: without -ep stdout is closed and stdin is copied to its end`, async t => {
    const bench = new Bench(kind, []);
    bench.peer.push('bye');
    bench.peer.push(null);
    await bench.settle();
    t.is(bench.code, undefined);
    t.true(bench.stdoutClosed);
    bench.say('more');
    await bench.settle();
    t.is(bench.code, undefined);
    bench.endStdin();
    await bench.settle();
    t.is(bench.code, 0);
    t.deepEqual(bench.peer.heard, ['more']);
    t.deepEqual(bench.lines, [PIPE_DONE, STDIN_DONE]);
  });

  test(`points 4 and 11: ${kind}: after its end the server disconnects`, async t => {
    for (const error of [undefined, systemError('EPIPE', 'read'), systemError('ECONNRESET', 'read')]) {
      const bench = new Bench(kind, []);
      bench.peer.push(null);
      await bench.settle();
      bench.peer.destroy(error);
      await bench.settle();
      t.is(bench.code, 0);
      t.deepEqual(bench.lines, [PIPE_DONE, 'pipe closed']);
    }
  });

  test(`point 4: ${kind}: after its end something else goes wrong`, async t => {
    const bench = new Bench(kind, []);
    bench.peer.push(null);
    await bench.settle();
    bench.peer.destroy(systemError('EIO', 'read'));
    await bench.settle();
    t.is(bench.code, 1);
    t.deepEqual(bench.lines, [PIPE_DONE, 'pipe error: read: read EIO']);
  });
}

test('point 2: an end that cannot be told is said and no failure', async t => {
  const bench = new Bench('byte pipe', ['s']);
  bench.peer.writeError = systemError('EPIPE', 'write');
  bench.endStdin();
  await bench.settle();
  t.is(bench.code, 0);
  t.deepEqual(bench.lines, [
    STDIN_DONE,
    'sending 0-byte message to the pipe after EOF on stdin failed: write: The pipe is being closed.',
    PIPE_CLOSED,
  ]);
});

test('a greeting that was read while connecting comes first', async t => {
  const peer = new Peer();
  const written: string[] = [];
  const stdio: Stdio = {
    input: () => ({pause: () => {}, resume: () => {}}),
    output: () => ({
      write: bytes => void written.push(Buffer.from(bytes).toString()),
      flushed: () => Promise.resolve(),
      pending: 0,
    }),
    closeOutput: () => {},
    say: () => {},
  };
  peer.push('D more\n');
  const over = copyBothWays(
    {stream: peer, detail: '', halfCloses: true, early: Buffer.from('OK ready\n')},
    new Set<Flag>(['ep']),
    stdio,
  );
  peer.push(null);
  t.is(await over, 0);
  t.deepEqual(written, ['OK ready\n', 'D more\n']);
});
