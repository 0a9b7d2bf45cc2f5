import {Duplex} from 'node:stream';
import {FailureError} from '../../shared/failure.ts';
import type {Target} from '../../shared/target.ts';
import type {AgentSession} from '../sessions/client.ts';
import {SshAgentSession} from '../sessions/ssh-agent.ts';
import type {AgentConnection} from '../targets/connection.ts';
import {reach} from '../targets/reach.ts';

/** How long a client keeps its first connection to an agent without asking anything, in milliseconds. */
const IDLE_MS = 300;

/**
 * An ssh agent as a stream of bytes, for agents that plain bytes do not reach well: gpg-agent's ssh socket takes nonce
 * and request only together, and one request on a connection; its pipe serves one client at a time. The stream fails
 * with FailureError. `first` is a connection to begin with.
 */
export function requestStream(target: Target, first?: AgentConnection): Duplex {
  let unconsumed = 0;
  let taken: () => void = () => {};
  const beginning = beginWith(first);
  const stream: Duplex = new Duplex({
    read: () => session.drain(),
    write: (chunk: Uint8Array, _encoding, done) => {
      unconsumed += chunk.length;
      taken = done;
      session.data(chunk);
    },
    final: done => {
      session.end();
      done();
    },
    destroy: (error, done) => {
      beginning.drop();
      session.destroy();
      done(error);
    },
  });
  const session: AgentSession = new SshAgentSession(
    {
      opened: () => {},
      data: bytes => stream.push(bytes),
      end: () => void stream.push(null),
      consumed: count => {
        unconsumed -= count;
        if (unconsumed === 0) taken();
      },
      fail: failure => void stream.destroy(new FailureError(failure)),
    },
    [target],
    beginning.reach,
  );
  return stream;
}

/** Reaches through `first` once, unless that went or was given up meanwhile; then as everybody does. */
function beginWith(first: AgentConnection | undefined): {reach: typeof reach; drop(): void} {
  let ready = first;
  const drop = (): void => {
    clearTimeout(timer);
    ready?.stream.destroy();
    ready = undefined;
  };
  const timer = setTimeout(drop, IDLE_MS);
  first?.stream.on('error', () => {});
  return {
    drop,
    reach: async (targets, options) => {
      clearTimeout(timer);
      const connection = ready;
      ready = undefined;
      if (connection === undefined || connection.stream.destroyed) return await reach(targets, options);
      return {index: 0, elapsed: 0, connection};
    },
  };
}
