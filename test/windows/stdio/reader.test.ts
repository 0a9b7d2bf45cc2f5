import {randomBytes} from 'node:crypto';
import {closeSync, mkdtempSync, openSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {readDescriptor} from '../../../windows/stdio/reader.ts';

/** Reads a file of these bytes as Windows reads stdin; `each` is called for each chunk with what stops and goes on. */
async function chunksOf(
  t: ExecutionContext,
  bytes: Uint8Array,
  each: (pause: () => void, resume: () => void) => void = () => {},
): Promise<Uint8Array[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-reader-'));
  writeFileSync(join(folder, 'input'), bytes);
  const fd = openSync(join(folder, 'input'), 'r');
  t.teardown(() => {
    closeSync(fd);
    rmSync(folder, {recursive: true});
  });
  const chunks: Uint8Array[] = [];
  await new Promise<void>((resolve, reject) => {
    const reader = readDescriptor(fd, {
      data(chunk) {
        chunks.push(chunk);
        each(
          () => reader.pause(),
          () => reader.resume(),
        );
      },
      end: resolve,
      failed: reject,
    });
  });
  return chunks;
}

test('what was given stays as it was while more is read', async t => {
  const bytes = randomBytes(5_000_001);
  const chunks = await chunksOf(t, bytes);
  t.true(chunks.length > 10);
  t.is(Buffer.compare(Buffer.concat(chunks), bytes), 0);
});

test('a short chunk holds no more memory than it needs', async t => {
  const [chunk] = await chunksOf(t, randomBytes(1000));
  t.is(chunk?.length, 1000);
  t.is(chunk?.buffer.byteLength, 1000);
});

test('nothing is lost or doubled by pauses', async t => {
  const bytes = randomBytes(3_000_000);
  let waiting = 0;
  const chunks = await chunksOf(t, bytes, (pause, resume) => {
    pause();
    waiting++;
    setTimeout(resume, waiting % 3);
  });
  t.is(Buffer.compare(Buffer.concat(chunks), bytes), 0);
});
