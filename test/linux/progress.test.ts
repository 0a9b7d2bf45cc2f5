import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {withProgress} from '../../linux/progress.ts';

function terminal(isTTY: boolean) {
  const shown: string[] = [];
  let first: () => void = () => {};
  const word = new Promise<void>(resolve => {
    first = resolve;
  });
  return {
    isTTY,
    shown,
    word,
    write(text: string) {
      shown.push(text);
      first();
    },
  };
}

test('what takes long is named on a terminal, once', async t => {
  const screen = terminal(true);
  t.is(
    await withProgress(
      'asking',
      screen.word.then(() => 7),
      screen,
    ),
    7,
  );
  t.deepEqual(screen.shown, ['asking …\n']);
});

test('what is over soon, or fails soon, is not named, also not afterwards', async t => {
  const screen = terminal(true);
  t.is(await withProgress('asking', Promise.resolve(7), screen), 7);
  await t.throwsAsync(withProgress('asking', Promise.reject(new Error('no')), screen), {message: 'no'});
  await withProgress('another', screen.word, screen);
  t.deepEqual(screen.shown, ['another …\n']);
});

test('scripts hear nothing of it', async t => {
  const [screen, log] = [terminal(true), terminal(false)];
  // the word on the screen comes when the other would have come
  const long = screen.word.then(() => sleep(0));
  await Promise.all([withProgress('a', long, log), withProgress('b', long, screen)]);
  t.deepEqual(log.shown, []);
});
