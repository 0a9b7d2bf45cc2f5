import test from 'ava';
import {StatusLine} from '../../../linux/bench/status-line.ts';

function screen(isTTY: boolean, columns = 20) {
  let shown = '';
  return {isTTY, columns, shown: () => shown, write: (text: string) => (shown += text)};
}

test('on a terminal one line takes the place of the other, and never wraps', t => {
  const terminal = screen(true);
  const line = new StatusLine(terminal);
  line.say('one');
  line.say('a very long word indeed');
  line.clear();
  t.is(terminal.shown(), '\r\x1b[2Kone …\r\x1b[2Ka very long word in\r\x1b[2K');
});

test('a terminal that does not know its width is taken for a usual one', t => {
  const terminal = screen(true, 0);
  new StatusLine(terminal).say('one');
  t.is(terminal.shown(), '\r\x1b[2Kone …');
});

test('scripts hear nothing of it', t => {
  const file = screen(false);
  const line = new StatusLine(file);
  line.say('one');
  line.clear();
  t.is(file.shown(), '');
});
