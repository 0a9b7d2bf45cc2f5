import type {Duplex} from 'node:stream';
import type {EndpointProtocol} from '../../shared/endpoint.ts';

/** An agent that was reached. Whoever holds it destroys its stream. */
export type AgentConnection = {
  stream: Duplex;
  /** What exactly answered, for the journal. Never a nonce. */
  detail: string;
  /**
   * Whether `stream.end()` tells the agent "no more" and leaves the other direction open. Never on a named
   * pipe of Windows, which has no half-close: libuv closes it 50 ms later (pipe.c, eof_timeout).
   */
  halfCloses: boolean;
  /** What the agent said before anybody asked: an Assuan server's greeting. */
  early?: Uint8Array;
  /** Must go out together with the first request, in the same write. */
  preamble?: Uint8Array;
  /** The agent answers one request on a connection, and the next needs another. */
  oneRequest?: true;
};

/** What a connection is for. */
export type ConnectOptions = {
  protocol: EndpointProtocol;
  /** The client is gone: stop. What is thrown then is of no interest. */
  signal: AbortSignal;
  /** Whether an agent that is not running may be started. */
  launch: boolean;
};
