import {connect, type Socket} from 'node:net';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';

/** SSH_AGENTC_REQUEST_IDENTITIES (RFC 9987), whole: the harmless request, which no agent asks a person about. */
const REQUEST_IDENTITIES = Uint8Array.of(0, 0, 0, 1, 11);

/** How long each part of asking an agent took, in milliseconds. */
export type AgentTimes = {
  /** From connect to the complete first answer. */
  first: number;
  /** A second request on the same connection. */
  second: number;
};

/** Asks the agent at a Unix socket for its keys, twice on one connection. Rejects when it does not answer in `limit` ms. */
export async function askTwice(path: string, limit: number): Promise<AgentTimes> {
  const begun = performance.now();
  const socket = connect(path);
  socket.setTimeout(limit, () => socket.destroy(new Error(`no answer within ${limit / 1000} s`)));
  try {
    await answer(socket);
    const between = performance.now();
    await answer(socket);
    return {first: between - begun, second: performance.now() - between};
  } finally {
    socket.destroy();
  }
}

/** Sends one request and waits for one whole answer. */
function answer(socket: Socket): Promise<void> {
  const {promise, resolve, reject} = Promise.withResolvers<void>();
  const splitter = new MessageSplitter();
  const closed = () => reject(new Error('the connection was closed without an answer'));
  const data = (chunk: Uint8Array) => {
    try {
      if (splitter.push(chunk).length > 0) resolve();
    } catch (error) {
      reject(error);
    }
  };
  socket.on('data', data).once('error', reject).once('close', closed);
  socket.write(REQUEST_IDENTITIES);
  return promise.finally(() => socket.off('data', data).off('error', reject).off('close', closed));
}
