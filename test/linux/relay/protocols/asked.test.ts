import test from 'ava';
import fc from 'fast-check';
import {SshAgent} from '../../../../linux/relay/protocols/ssh-agent.ts';
import {FailureError} from '../../../../shared/failure.ts';
import {REQUEST_IDENTITIES} from '../../../../shared/ssh-agent/identities.ts';
import {MessageSplitter} from '../../../../shared/ssh-agent/splitter.ts';
import {cutAt, join} from '../../../shared/chunks.ts';

const SUCCESS = message(6);
const FAILURE = message(5);
const SIGN_REQUEST = 13;

function message(type: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(5 + body.length);
  new DataView(bytes.buffer).setUint32(0, 1 + body.length);
  bytes[4] = type;
  bytes.set(body, 5);
  return bytes;
}

function extension(name: string, rest = ''): Uint8Array {
  return message(27, Buffer.concat([Buffer.from([0, 0, 0, name.length]), Buffer.from(name + rest)]));
}

const bind = (session: string) => extension('session-bind@openssh.com', session);

/** A connection to an agent whose list says to what it was bound, and which counts what must not be asked twice. */
class AgentConnection {
  readonly #splitter = new MessageSplitter();
  readonly #bound: string[] = [];
  readonly once: string[];

  constructor(once: string[]) {
    this.once = once;
  }

  ask(bytes: Uint8Array): Uint8Array[] {
    return this.#splitter.push(bytes).map(request => {
      const text = Buffer.from(request.subarray(5)).toString('latin1');
      if (request[4] === 11) return message(12, Buffer.from(this.#bound.join()));
      if (text.includes('session-bind') && !text.endsWith('bad')) {
        this.#bound.push(text.slice(-1));
        return SUCCESS;
      }
      if (text.includes('session-bind')) return FAILURE;
      this.once.push(text);
      return message(14, Buffer.from(text));
    });
  }
}

const request = fc.oneof(
  {weight: 3, arbitrary: fc.constant(REQUEST_IDENTITIES)},
  {weight: 3, arbitrary: fc.constantFrom(...['a', 'b', 'c', 'bad'].map(bind))},
  {
    weight: 1,
    arbitrary: fc.constantFrom(...['x', 'y'].map(text => message(SIGN_REQUEST, Buffer.from(text)))),
  },
);

test('whenever the agent’s connection is lost: the client is answered as if nothing had been, or nothing is said again', t => {
  const points = fc.array(fc.integer({min: 1, max: 400}), {maxLength: 12});
  /** For each piece: how many answers come back before the next, and whether the connection is lost then. */
  const fates = fc.infiniteStream(fc.record({answers: fc.nat(4), part: fc.nat(3), lost: fc.nat(5)}));
  fc.assert(
    fc.property(fc.array(request, {minLength: 1, maxLength: 10}), points, fates, (requests, cuts, stream) => {
      const fate = stream[Symbol.iterator]();
      const protocol = new SshAgent();
      const once: string[] = [];
      let agent = new AgentConnection(once);
      let coming: Uint8Array = new Uint8Array(0);
      const got: Uint8Array[] = [];
      const give = (count: number) => {
        got.push(...protocol.fromAgent(coming.slice(0, count)));
        coming = coming.slice(count);
      };
      const tell = (piece: Uint8Array) => {
        coming = join([coming, ...agent.ask(piece)]);
      };
      for (const piece of cutAt(join(requests), cuts)) {
        protocol.fromClient(piece);
        tell(piece);
        const {answers, part, lost} = fate.next().value;
        give(answers * 5 + part);
        if (lost > 0) continue;
        const again = protocol.again();
        if (again === undefined) continue;
        agent = new AgentConnection(once);
        coming = new Uint8Array(0);
        for (const each of again) tell(each);
      }
      give(coming.length);
      const expected = new AgentConnection([]).ask(join(requests));
      t.deepEqual(got.map(String), expected.map(String));
      t.false(protocol.owing);
      const signs = requests.filter(bytes => bytes[4] === SIGN_REQUEST);
      t.deepEqual(
        once,
        signs.map(bytes => Buffer.from(bytes.subarray(5)).toString()),
      );
    }),
    {numRuns: 1000},
  );
});

/** A client that has said all this, of which so many were answered with success. */
function asked(requests: Uint8Array[], answered = 0): SshAgent {
  const protocol = new SshAgent();
  protocol.fromClient(join(requests));
  protocol.fromAgent(join(Array.from({length: answered}, () => SUCCESS)));
  return protocol;
}

const LIST = REQUEST_IDENTITIES;
const SIGN = message(SIGN_REQUEST, Buffer.from('x'));
const cases: [string, SshAgent, Uint8Array[] | undefined][] = [
  ['nothing was asked', asked([]), []],
  ['a list that is due is asked again', asked([LIST]), [LIST]],
  ['an answered list is not', asked([LIST], 1), []],
  ['what binds is said first', asked([bind('a'), LIST], 1), [bind('a'), LIST]],
  ['a bind that is due too', asked([bind('a')]), [bind('a')]],
  ['a signature that is due: nothing', asked([LIST, SIGN]), undefined],
  ['a signature that is due, behind it a list: nothing', asked([SIGN, LIST]), undefined],
  ['a signature that was made is not asked for', asked([SIGN, LIST], 1), [LIST]],
  ['a list with a body is none that we know', asked([message(11, Buffer.from('x'))]), undefined],
  ['adding a key', asked([message(17, Buffer.from('key'))]), undefined],
  [
    'an extension that is not known, although it was answered',
    asked([extension('own@x'), LIST], 1),
    undefined,
  ],
  ['a bind too many', asked([...Array.from({length: 17}, () => bind('a'))], 17), undefined],
  ['a bind that is too long to be kept', asked([bind('a'.repeat(20_000))], 1), undefined],
  ['more lists than anybody asks for', asked(Array.from({length: 1001}, () => LIST)), undefined],
];
for (const [title, protocol, again] of cases)
  test(`said again: ${title}`, t => {
    const pieces = protocol.again()?.filter(({length}) => length > 0);
    t.deepEqual(pieces?.map(String), again?.map(String));
  });

test('a bind that the agent did not take is not said again', t => {
  const protocol = asked([bind('a'), LIST]);
  protocol.fromAgent(FAILURE);
  t.deepEqual(protocol.again()?.map(String), [String(LIST), '']);
});

test('the beginning of a request is said again', t => {
  const protocol = asked([LIST, LIST.subarray(0, 3)], 1);
  t.deepEqual(protocol.again()?.map(String), [String(LIST.subarray(0, 3))]);
  protocol.fromClient(LIST.subarray(3));
  t.true(protocol.owing);
});

test('an agent that does not take again what it had taken fails the client, which would be bound to nothing', t => {
  const protocol = asked([bind('a'), LIST], 1);
  protocol.again();
  t.throws(() => protocol.fromAgent(FAILURE), {instanceOf: FailureError, message: /does not accept again/});
});
