import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {FailureError, type FailureReason} from '../../shared/failure.ts';
import {type SocketFileKind, throughSocketFile} from '../../windows/targets/socket-file.ts';
import {tempFolder} from './harness.ts';

/** A file that holds a word in capitals. */
const WORDS: SocketFileKind<{word: string}> = {
  max: 8,
  parse(bytes) {
    const word = Buffer.from(bytes).toString();
    return /^[A-Z]+$/.test(word) ? {word} : 'holds no word';
  },
  hints: file => ({absent: `write ${file}`, denied: 'ask', badTarget: 'use capitals'}),
};

const {signal} = new AbortController();

const gone = (reason: FailureReason) => new FailureError({reason, message: 'gone'});

for (const reason of ['refused', 'agentClosed', 'badGreeting'] as const)
  test(`a file that changed meanwhile is tried once more, after ${reason}`, async t => {
    const file = path.join(await tempFolder(t), 'word');
    await fs.writeFile(file, 'OLD');
    const tried: string[] = [];
    const connect = async ({word}: {word: string}) => {
      tried.push(word);
      await fs.writeFile(file, 'NEW');
      if (word === 'OLD') throw gone(reason);
      return `through ${word}`;
    };
    t.is(await throughSocketFile(file, WORDS, signal, connect), 'through NEW');
    t.deepEqual(tried, ['OLD', 'NEW']);
  });

test('a file that is still the same is not tried again, and one that changes for ever only once', async t => {
  const file = path.join(await tempFolder(t), 'word');
  await fs.writeFile(file, 'SAME');
  const tried: string[] = [];
  const connect = async ({word}: {word: string}): Promise<never> => {
    tried.push(word);
    throw gone('refused');
  };
  await t.throwsAsync(throughSocketFile(file, WORDS, signal, connect), {message: 'gone'});
  t.deepEqual(tried, ['SAME']);
  const changing = async (content: {word: string}): Promise<never> => {
    await fs.writeFile(file, `${content.word}X`);
    return connect(content);
  };
  await t.throwsAsync(throughSocketFile(file, WORDS, signal, changing), {message: 'gone'});
  t.deepEqual(tried, ['SAME', 'SAME', 'SAMEX']);
});

test('a failure that has nothing to do with the file is told at once', async t => {
  const file = path.join(await tempFolder(t), 'word');
  await fs.writeFile(file, 'OLD');
  let count = 0;
  const connect = async (): Promise<never> => {
    count++;
    await fs.writeFile(file, 'NEW');
    throw gone('timeout');
  };
  await t.throwsAsync(throughSocketFile(file, WORDS, signal, connect), {message: 'gone'});
  t.is(count, 1);
});

test('what is wrong with a file is told with its own hint, and nobody connects', async t => {
  const folder = await tempFolder(t);
  await fs.writeFile(path.join(folder, 'small'), 'small');
  const cases: [string, FailureReason, RegExp, string][] = [
    ['none', 'absent', /^socket file \S+none does not exist$/, `write ${folder}/none`],
    ['small', 'badTarget', /^socket file \S+small holds no word$/, 'use capitals'],
    ['.', 'badTarget', /^socket file \S+ is no file that can be read: \w+$/, 'use capitals'],
  ];
  const connect = async () => t.fail('it connected');
  for (const [name, reason, message, hint] of cases) {
    const error = await t.throwsAsync(throughSocketFile(`${folder}/${name}`, WORDS, signal, connect), {
      instanceOf: FailureError,
    });
    t.is(error?.failure.reason, reason);
    t.regex(error?.message ?? '', message);
    t.is(error?.failure.hint, hint);
  }
});

test('of a long file no more is read than shows that it is too long', async t => {
  const file = path.join(await tempFolder(t), 'long');
  await fs.writeFile(file, 'A'.repeat(100_000));
  const lengths: number[] = [];
  const kind = {
    ...WORDS,
    parse: (bytes: Uint8Array) => {
      lengths.push(bytes.length);
      return 'is too long';
    },
  };
  await t.throwsAsync(throughSocketFile(file, kind, signal, async () => t.fail('it connected')));
  t.deepEqual(lengths, [9], 'and it is read once: nobody is writing it');
});
