import {SshAgent} from '../../../../linux/relay/protocols/ssh-agent.ts';
import {FailureError} from '../../../../shared/failure.ts';
import {countIdentities} from '../../../../shared/ssh-agent/identities.ts';
import {isSessionBind, MESSAGE_MAX} from '../../../../shared/ssh-agent/messages.ts';
import {MessageSplitter} from '../../../../shared/ssh-agent/splitter.ts';
import type {Random} from '../random.ts';
import {kindOf, promise, refusal, type Subject} from '../subject.ts';

/** Requests and answers of an ssh agent as they are cut out of a stream, and what is read in them. */
export const agentMessages: Subject = {
  name: 'ssh-agent messages',
  make(random) {
    const all = Array.from({length: 1 + random.small(10)}, () => message(random));
    return Buffer.concat(all);
  },
  feed(input, random) {
    const [whole, pieces] = [split([input]), split(random.cut(input))];
    promise(whole.refused === pieces.refused, `whole "${whole.refused}", in pieces "${pieces.refused}"`);
    promise(whole.refused !== '' || whole.all === pieces.all, 'other messages when it is cut');
    promise(
      (whole.refused !== '') === hasBadLength(input),
      'a length was taken, or refused, against RFC 9987',
    );
    promise(Buffer.from(input).toString('latin1').startsWith(pieces.all), 'messages that nobody sent');
    for (const one of pieces.messages) {
      promise(one.length > 4 && one.length <= 4 + MESSAGE_MAX, `a message of ${one.length} bytes`);
      isSessionBind(one);
      const keys = countIdentities(one) ?? 0;
      promise(keys * 8 <= one.length, `${keys} keys in ${one.length} bytes`);
    }
    owed(input, random);
    passedOn(input, random);
    return {
      units: pieces.messages.length + 1,
      word: `${kindOf(whole.refused)} ${whole.messages.length} ${whole.mid}`,
    };
  },
};

/** Walks from length to length: none is 0, none longer than OpenSSH's agent takes. */
function hasBadLength(input: Uint8Array): boolean {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length === 0 || length > MESSAGE_MAX) return true;
    at += 4 + length;
  }
  return false;
}

function split(pieces: readonly Uint8Array[]) {
  const splitter = new MessageSplitter();
  const messages: Uint8Array[] = [];
  const refused = refusal(() => {
    for (const piece of pieces) messages.push(...splitter.push(piece));
  }, 'AgentMessageError');
  return {messages, refused, all: Buffer.concat(messages).toString('latin1'), mid: splitter.midMessage};
}

/** As many answers are owed as there were requests, a malformed one included. */
function owed(input: Uint8Array, random: Random): void {
  const protocol = new SshAgent();
  let malformed = 0;
  for (const piece of random.cut(input)) {
    if (refusal(() => protocol.fromClient(piece), FailureError) === '') continue;
    malformed = 1;
    break;
  }
  const farewell = protocol.farewell({reason: 'gone', message: ''});
  const requests = split([input]);
  promise(
    farewell.length === 5 * (requests.messages.length + malformed) || requests.refused !== '',
    'answers owed',
  );
  promise(!protocol.owing, 'something is owed after the farewell');
}

/** An agent's answers reach the client whole, or not at all. */
function passedOn(input: Uint8Array, random: Random): void {
  const protocol = new SshAgent();
  let passed = '';
  const refused = refusal(() => {
    for (const piece of random.cut(input))
      for (const answer of protocol.fromAgent(piece)) passed += Buffer.from(answer).toString('latin1');
  }, FailureError);
  promise(Buffer.from(input).toString('latin1').startsWith(passed), 'the client got what is no answer');
  promise((refused !== '') === hasBadLength(input), 'a length of an answer was taken, or refused');
}

function message(random: Random): Uint8Array {
  const kind = random.below(4);
  const body = kind === 0 ? identities(random) : kind === 1 ? bind(random) : random.bytes(random.small(400));
  const bytes = Buffer.alloc(5 + body.length);
  bytes.writeUInt32BE(1 + body.length);
  bytes[4] = [12, 27, 11, 13][kind] ?? 11;
  bytes.set(body, 5);
  return bytes;
}

function identities(random: Random): Uint8Array {
  const count = random.small(20);
  const strings = Array.from({length: 2 * count}, () => string(random.bytes(random.small(60))));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(count);
  return Buffer.concat([head, ...strings]);
}

function bind(random: Random): Uint8Array {
  return Buffer.concat([string(Buffer.from('session-bind@openssh.com')), random.bytes(random.small(90))]);
}

function string(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
