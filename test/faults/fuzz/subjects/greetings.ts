import {ProtocolError} from '../../../../shared/protocol/frames.ts';
import {encodeGreeting, GreetingDecoder} from '../../../../shared/protocol/greeting.ts';
import {checkGreeting} from '../../../../windows/targets/greeting.ts';
import {isOneLine, kindOf, promise, refusal, type Subject} from '../subject.ts';

const VERSION = '1.2.3';
const WORDS = [
  'OK Pleased to meet you\n',
  'OK\r\n',
  '# comment\n# more\nOK x\n',
  'ERR 67109139 no\n',
  'SSH-2.0\n',
] as const;

/** How relay and helper greet each other. */
export const relayGreeting: Subject = {
  name: 'greeting of the relay protocol',
  make: random =>
    Buffer.concat([encodeGreeting(random.once(3) ? '9.9' : VERSION), random.bytes(random.small(20))]),
  feed(input, random) {
    const [whole, pieces] = [greet([input]), greet(random.cut(input))];
    promise(
      whole.rest === pieces.rest || whole.refused !== '',
      `${whole.rest} is left, in pieces ${pieces.rest}`,
    );
    promise(
      (whole.refused === '') === (pieces.refused === ''),
      `"${whole.refused}", in pieces "${pieces.refused}"`,
    );
    promise(
      isOneLine(whole.refused) && whole.refused.length < 400,
      `refused with ${JSON.stringify(whole.refused)}`,
    );
    promise(isOneLine(pieces.stray), 'stray output of several lines');
    return {units: 1, word: `${kindOf(whole.refused)} ${whole.rest.length > 0}`};
  },
};

function greet(pieces: readonly Uint8Array[]) {
  const decoder = new GreetingDecoder(VERSION);
  let rest = '';
  let greeted = false;
  const refused = refusal(() => {
    for (const piece of pieces) {
      const after = greeted ? piece : decoder.push(piece);
      if (after === undefined) continue;
      greeted = true;
      rest += Buffer.from(after).toString('hex');
    }
  }, ProtocolError);
  return {refused, rest: greeted ? rest : 'all', stray: decoder.stray};
}

/** How a service of GnuPG greets: what was decided stays so, whatever comes. */
export const assuanGreeting: Subject = {
  name: 'greeting of an Assuan server',
  make: random => Buffer.from(random.pick(WORDS) + (random.once(3) ? random.pick(WORDS) : '')),
  feed(input, random) {
    const whole = checkGreeting(input);
    const early = checkGreeting(input.subarray(0, random.below(input.length + 1)));
    if (early !== false) promise(typeof early === typeof whole, `first ${early}, then ${whole}`);
    if (typeof whole === 'string') promise(isOneLine(whole) && whole.length < 500, JSON.stringify(whole));
    return {units: 1, word: typeof whole === 'string' ? kindOf(whole) : String(whole)};
  },
};
