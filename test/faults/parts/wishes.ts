/** Streams of clients of each protocol, and what must come back, whatever happens between. */
import {failureMessage} from '../../../shared/ssh-agent/messages.ts';
import {MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';
import type {Random} from '../fuzz/random.ts';
import {ASSUAN_GREETING, assuanAnswer} from './doubles.ts';
import {LIST, LIST_REQUEST, signature, signRequest} from './requests.ts';

export type Wish = {
  bytes: Uint8Array;
  /** How long the whole answer is. */
  enough: number;
  /** Says what is wrong with what came back to a client that read to the end; undefined when nothing is. */
  check(got: Buffer): string | undefined;
  /** The same for a client that did not wait for everything. */
  checkPart(got: Buffer): string | undefined;
};

let ids = 0;

/** Requests, at times with something behind them that is none. */
export function sshAgentWish(random: Random): Wish {
  const requests: Buffer[] = [];
  const answers: Buffer[] = [];
  for (let left = random.small(8); left > 0; left--) {
    const id = ++ids;
    const isList = random.once(2);
    requests.push(
      isList
        ? LIST_REQUEST
        : signRequest(id, random.small(4), random.once(50) ? 200_000 : random.small(2000)),
    );
    answers.push(isList ? LIST : signature(id));
  }
  const fault = random.once(4) ? faultOf(random) : {bytes: Buffer.alloc(0), answered: 0};
  const all = Buffer.concat(answers);
  return {
    bytes: Buffer.concat([...requests, fault.bytes]),
    enough: all.length + 5 * fault.answered,
    check(got) {
      if (fault.answered === 0) return got.equals(all) ? undefined : 'not the answers to its requests';
      // what was under way when the fault was seen may be refused, each with a message of its own
      const told = new MessageSplitter().push(got);
      const failure = Buffer.from(failureMessage());
      const right = told.findIndex((one, index) => !answers[index]?.equals(one));
      const rest = right < 0 ? [] : told.slice(right);
      if (told.length !== answers.length + 1)
        return `${told.length} answers to ${answers.length} requests and a fault`;
      return rest.every(one => failure.equals(one)) ? undefined : 'neither answers nor refusals';
    },
    checkPart: got =>
      all.subarray(0, got.length).equals(got) || fault.answered > 0 ? undefined : 'wrong answers',
  };
}

/** Something that is no request: a length that none has, which is refused, or one whose rest never comes. */
function faultOf(random: Random): {bytes: Buffer; answered: number} {
  const part = signRequest(0);
  if (random.once(3)) return {bytes: part.subarray(0, 1 + random.below(part.length - 1)), answered: 0};
  const header = Buffer.alloc(4);
  header.writeUInt32BE(random.pick([0, 256 * 1024 + 1, 0x5353_482d, 0xffff_ffff]));
  return {bytes: Buffer.concat([header, random.bytes(random.small(300))]), answered: 1};
}

/** Bytes that come back as they went. */
export function rawWish(random: Random): Wish {
  const bytes = random.bytes(1 + (random.once(40) ? 300_000 : random.small(4000)));
  return {
    bytes,
    enough: bytes.length,
    check: got =>
      got.equals(bytes) ? undefined : `${got.length} of ${bytes.length} bytes came back, or others`,
    checkPart: got => (got.equals(bytes.subarray(0, got.length)) ? undefined : 'other bytes came back'),
  };
}

export function assuanWish(random: Random): Wish {
  const lines = Array.from({length: random.small(10)}, () => 'SIGKEY '.repeat(random.small(100)).trim());
  const all = Buffer.from(ASSUAN_GREETING + lines.map(assuanAnswer).join(''));
  const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''));
  return {
    bytes,
    enough: all.length,
    check: got =>
      got.equals(all) ? undefined : `other lines came back: ${JSON.stringify(got.toString().slice(0, 200))}`,
    checkPart: got => (got.equals(all.subarray(0, got.length)) ? undefined : 'other lines came back'),
  };
}
