import {FrameDecoder} from '../../../../shared/protocol/decode.ts';
import {ProtocolError} from '../../../../shared/protocol/frames.ts';
import {encodeGreeting, GreetingDecoder} from '../../../../shared/protocol/greeting.ts';
import {CHANNELS_MAX, INITIAL_CREDIT, PAYLOAD_MAX} from '../../../../shared/protocol/limits.ts';
import {Session, type SessionEvents, type SessionRole} from '../../../../shared/protocol/session.ts';
import {TARGETS_MAX} from '../../../../shared/target.ts';
import {encoded, frames, isOfChannel, withoutChannel} from '../frames.ts';
import {Random} from '../random.ts';
import {kindOf, promise, refusal, type Subject} from '../subject.ts';

const VERSION = 'fuzz';
const GREETING = encodeGreeting(VERSION);
const GONE = {reason: 'gone', message: ''} as const;
/** What a side may write for what it is told, beside what its owner sends: a RESET for a RESET. */
const OWN_WORDS = 64;

/** More data than there is credit, which is much for an input: now and then. */
const FLOOD_ONCE = 2000;

function flood(role: SessionRole): Uint8Array {
  const frame = encoded([{type: 'data', channel: 1, bytes: new Uint8Array(PAYLOAD_MAX)}]);
  const open = encoded([{type: 'open', channel: 1, protocol: 'raw', targets: ['pipe:x']}]);
  const all = Array.from({length: 1 + INITIAL_CREDIT / PAYLOAD_MAX}, () => frame);
  return Buffer.concat(role === 'helper' ? [open, ...all] : all);
}

function speech(random: Random, sender: SessionRole): Uint8Array {
  const said = encoded(frames(random, sender));
  return random.once(10) ? Buffer.concat([said, withoutChannel(random), withoutChannel(random)]) : said;
}

/** One side of the relay protocol, its owner doing what owners do, and a peer that does as it likes. */
export function sessionOf(role: SessionRole): Subject {
  return {
    name: `session of the ${role}`,
    make: random =>
      random.once(FLOOD_ONCE) ? flood(role) : speech(random, role === 'relay' ? 'helper' : 'relay'),
    feed(input, random) {
      const seed = random.next();
      const whole = live(role, [input], seed);
      const pieces = live(role, random.cut(input), seed);
      promise(whole.refused === pieces.refused, `whole "${whole.refused}", in pieces "${pieces.refused}"`);
      promise(whole.told === pieces.told, `whole told ${whole.told}, in pieces ${pieces.told}`);
      return {units: whole.frames, word: `${whole.words} ${kindOf(whole.refused)}`};
    },
  };
}

/** `received`: bytes that came and were not given back. */
type Told = {open: boolean; opened: boolean; ended: boolean; received: number};

function live(role: SessionRole, pieces: readonly Uint8Array[], seed: number) {
  const random = new Random(seed);
  /** Whether the client, or the agent, takes all that comes at once, or nothing. */
  const consumes = random.once(2);
  const output = outputOf();
  const channels = new Map<number, Told>();
  const words = new Set<string>();
  let told = '';
  let lastData = 0;
  let [last, events] = [0, 0];
  const note = (event: string, id: number): Told => {
    events++;
    words.add(event);
    if (event !== 'data' || lastData !== id) told += `${event} ${id} `;
    lastData = event === 'data' ? id : 0;
    const channel = channels.get(id);
    promise(channel?.open === true, `${event} on channel ${id}, which is not open`);
    return channel;
  };
  const react = (told: number) => {
    // an owner may be late: it says something of a channel that it has given up, too
    const id = random.once(4) ? 1 + random.below(3) : told;
    const what = random.below(8);
    if (what === 0) session.end(id);
    if (what === 1) session.data(id, new Uint8Array(1 + random.below(100)));
    if (what === 2 && role === 'helper') session.opened(id, 0, 1, 'x');
    if (what === 3 && role === 'helper') forget(id, () => session.failed(id, GONE));
    if (what === 4) forget(id, () => session.reset(id, GONE));
    if (what === 5 && role === 'relay') session.abandon(id, GONE);
  };
  /** The owner has given it up: nothing may be told of it any more. */
  const forget = (id: number, give: () => void) => {
    const channel = channels.get(id);
    if (channel !== undefined) channel.open = false;
    give();
  };
  const owner: SessionEvents = {
    greeted: () => {},
    open(id, _protocol, targets) {
      promise(role === 'helper', 'the relay was asked to open');
      promise(id > last, `channel ${id} opened after ${last}`);
      promise(targets.length >= 1 && targets.length <= TARGETS_MAX, `${targets.length} targets`);
      last = id;
      channels.set(id, {open: true, opened: false, ended: false, received: 0});
      note('open', id);
      react(id);
    },
    opened(id) {
      const channel = note('opened', id);
      promise(!channel.opened && !channel.ended, `opened twice, or after its end: ${id}`);
      channel.opened = true;
    },
    data(id, bytes) {
      const channel = note('data', id);
      channel.received += bytes.length;
      if (consumes) {
        channel.received = 0;
        session.consumed(id, bytes.length);
      }
      promise(!channel.ended && bytes.length > 0, `data after the end of ${id}, or none`);
      promise(channel.received <= INITIAL_CREDIT, `more data than credit on ${id}`);
      told += Buffer.from(bytes).toString('latin1');
    },
    end(id) {
      const channel = note('end', id);
      promise(!channel.ended, `a second end of ${id}`);
      channel.ended = true;
      react(id);
    },
    drain: id => void note('drain', id),
    closed(id) {
      note('closed', id).open = false;
    },
  };
  const session: Session = new Session(role, output.write, owner, VERSION);
  session.receive(GREETING);
  if (role === 'relay')
    for (let count = 0; count < 3; count++) {
      const id = session.open('raw', ['pipe:x']);
      channels.set(id, {open: true, opened: false, ended: false, received: 0});
      session.data(id, random.bytes(3));
    }
  const before = output.bytes();
  let taken = 0;
  const refused = refusal(() => {
    for (const piece of pieces) {
      taken += piece.length;
      session.receive(piece);
    }
    session.finish();
  }, ProtocolError);
  promise(session.size <= CHANNELS_MAX, `${session.size} channels`);
  promise(
    output.bytes() - before <= taken + events * (OWN_WORDS + 128),
    `${taken} bytes in, ${output.bytes()} out`,
  );
  output.check();
  return {refused, told, words: [...words].join(), frames: events + 1};
}

/** What the session writes must be what docs/protocol.md allows, whatever it was told. */
function outputOf() {
  const greeting = new GreetingDecoder(VERSION);
  const decoder = new FrameDecoder();
  const dropped = new Set<number>();
  let greeted = false;
  let bytes = 0;
  return {
    bytes: () => bytes,
    write(pieces: Uint8Array[]): void {
      for (const piece of pieces) {
        bytes += piece.length;
        const rest = greeted ? piece : greeting.push(piece);
        if (rest === undefined) continue;
        greeted = true;
        for (const frame of decoder.push(rest)) {
          const {type, channel} = frame;
          promise(channel > 0 || !isOfChannel(frame), `a ${type} frame of no channel`);
          promise(!dropped.has(channel) || type === 'reset', `${type} on channel ${channel} after its reset`);
          if (type === 'reset' || type === 'failed') dropped.add(channel);
        }
      }
    },
    check: () => promise(greeted && !decoder.midFrame, 'a frame was not written to its end'),
  };
}
