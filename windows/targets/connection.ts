import type {Duplex} from 'node:stream';
import type {EndpointProtocol} from '../../shared/endpoint.ts';

/** An agent that was reached. Whoever holds it destroys its stream. */
export type AgentConnection = {
  stream: Duplex;
  /** What exactly answered, for the journal. Never a nonce. */
  detail: string;
  /**
   * Whether `stream.end()` tells the agent "no more" and leaves the other direction open. Of the
   * pipes of Windows only those in message mode can: on a byte pipe libuv closes 50 ms later (pipe.c, eof_timeout).
   */
  halfCloses: boolean;
  /** What `stream.end()` says is an empty message, which only some servers take for an end. */
  endIsMessage?: true;
  /** The process that serves a pipe of Windows (0: not told), and the SID of the pipe's owner. */
  server?: {pid: number; owner: Uint8Array | undefined};
  /** The agent serves one client at a time: this connection keeps all others out. It is ended with the stream. */
  turn?: {
    /** Whether somebody else waits to be served. */
    wanted(): boolean;
  };
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
  /** One attempt: a pipe that is busy or absent just now is not waited for. */
  once?: true;
  /** Told of the port that a socket file names, before it is connected to. */
  port?: (port: number) => void;
};
