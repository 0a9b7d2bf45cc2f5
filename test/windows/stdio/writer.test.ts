import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Writable} from 'node:stream';
import test, {type ExecutionContext} from 'ava';
import {Writer, type WriterOptions} from '../../../windows/stdio/writer.ts';

/** A pipe to a program that keeps what it reads; the descriptor does not block, as another process may have set it. */
function pipe(t: ExecutionContext, delay: number) {
  const file = join(temporaryFolder(t), 'output');
  const output = openSync(file, 'w');
  const child = spawn('sh', ['-c', `sleep ${delay}; exec cat`], {stdio: ['pipe', output, 'ignore']});
  const stdin = child.stdin as Writable;
  closeSync(output);
  t.teardown(() => child.kill('SIGKILL'));
  const {fd} = (stdin as unknown as {_handle: {fd: number}})._handle;
  const written = async () => {
    stdin.end();
    await once(child, 'close');
    return readFileSync(file);
  };
  return {fd, written};
}

for (const options of [{}, {inPlace: true}] satisfies WriterOptions[])
  test(`pieces of every size arrive in order, also when nobody reads at first: ${JSON.stringify(options)}`, async t => {
    const {fd, written} = pipe(t, 0.3);
    const writer = new Writer(fd, error => t.fail(error.message), options);
    const sent: Buffer[] = [];
    let done = 0;
    for (let n = 0; n < 400; n++) {
      const piece = Buffer.alloc([3, 4000, 9, 70_000, 4096, 4097][n % 6] ?? 1, n % 251);
      sent.push(piece);
      writer.write(piece, () => done++);
      if (n % 7 === 0) await new Promise(setImmediate);
    }
    await writer.flushed();
    t.is(done, 400);
    t.is(writer.pending, 0);
    t.is(Buffer.compare(await written(), Buffer.concat(sent)), 0);
  });

test('a reader that has gone is told once, and nothing is waited for', async t => {
  const fifo = join(temporaryFolder(t), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, 'r+');
  const fd = openSync(fifo, 'w');
  closeSync(reader);
  t.teardown(() => closeSync(fd));
  const errors: string[] = [];
  const writer = new Writer(fd, ({code = ''}) => errors.push(code), {inPlace: true});
  writer.write(Buffer.from('a'));
  writer.write(Buffer.from('b'));
  await writer.flushed();
  writer.write(Buffer.from('c'));
  await writer.flushed();
  t.deepEqual(errors, ['EPIPE']);
});

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-writer-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  return folder;
}
