import type {EndpointProtocol} from '../../../shared/endpoint.ts';
import type {Failure} from '../../../shared/failure.ts';
import {Assuan} from './assuan.ts';
import {Raw} from './raw.ts';
import {SshAgent} from './ssh-agent.ts';

/** What one connection knows of its client's protocol. Bytes pass through it in both directions. */
export type ClientProtocol = {
  /** The server may have the first word, so it is reached before the client has said anything. */
  readonly serverFirst: boolean;
  /** Once the server has ended there is nothing that the client could still say to it. */
  readonly serverEndsAll: boolean;
  /** Whether somebody waits for an answer. */
  readonly owing: boolean;
  /** So many answers are due that the client is not read any further: what it goes on to say would only wait here. */
  readonly full: boolean;
  /** A client may say something and be gone without waiting for an answer: what it said still goes to the agent. */
  readonly fireAndForget: boolean;
  /** Whether a failure is kept until the client has asked something, because only an answer can tell it. */
  readonly answersOnly: boolean;
  /** Books bytes from the client. Throws FailureError for bytes that its protocol does not allow. */
  fromClient(bytes: Uint8Array): void;
  /** What of the agent's bytes can be passed on now. Throws FailureError for bytes that the protocol does not allow. */
  fromAgent(bytes: Uint8Array): Uint8Array[];
  /** Why the agent's end comes at a wrong moment; undefined when it does not. */
  atAgentEnd(): Failure | undefined;
  /**
   * What to say to the agent through another helper, in place of all that was said, so that the client notices nothing;
   * what comes from the agent afterwards is the answer to that. Undefined when it must not be said twice, or is not known.
   */
  again(): Uint8Array[] | undefined;
  /** What the client is told before its connection is closed for a failure. */
  farewell(failure: Failure): Uint8Array;
};

export function clientProtocol(protocol: EndpointProtocol): ClientProtocol {
  switch (protocol) {
    case 'ssh-agent':
      return new SshAgent();
    case 'assuan':
      return new Assuan();
    case 'raw':
      return new Raw();
  }
}
