import {EventEmitter} from 'node:events';
import type {Readable} from 'node:stream';
import {LogLines} from '../../../../linux/relay/log-lines.ts';
import {isOneLine, promise, type Subject} from '../subject.ts';

const SAID = [
  'wslagent-helper: ready\n',
  'Error: x\r\n    at y (z:1:2)\n',
  '\u001b[31mred\u001b[0m\n',
  '\n\n\n',
  'ä\u202e€\n',
];

/** What a helper says on stderr, as it gets into the journal: line by line, bounded, without what steers a terminal. */
export const logLines: Subject = {
  name: 'lines for the journal',
  make: random =>
    Buffer.from(
      SAID.slice(random.below(SAID.length))
        .join('')
        .repeat(1 + random.small(40)),
    ),
  feed(input, random) {
    const [whole, pieces] = [say([input]), say(random.cut(input))];
    promise(whole.lines.join('\n') === pieces.lines.join('\n'), 'other lines when it is cut');
    promise(whole.lines.length <= 101, `${whole.lines.length} lines`);
    for (const line of [...whole.lines, whole.tail])
      promise(isOneLine(line) && line.length <= 301, `the line ${JSON.stringify(line)}`);
    return {
      units: whole.lines.length,
      word: `${Math.min(whole.lines.length, 3)} ${whole.lines.length > 100}`,
    };
  },
};

function say(pieces: readonly Uint8Array[]) {
  const stream = new EventEmitter();
  const lines: string[] = [];
  const reader = new LogLines(stream as Readable, line => lines.push(line));
  for (const piece of pieces) stream.emit('data', piece);
  stream.emit('end');
  stream.emit('close');
  return {lines, tail: reader.tail};
}
