import {errorLine} from './assuan/error-line.ts';
import type {EndpointProtocol} from './endpoint.ts';
import type {Failure} from './failure.ts';
import {failureMessage} from './ssh-agent/messages.ts';

/**
 * What a client that waits for an answer is told, in its own protocol, before its connection is
 * closed. A raw client can only be told by the close.
 */
export function clientFailure(protocol: EndpointProtocol, failure: Failure): Uint8Array {
  switch (protocol) {
    case 'ssh-agent':
      return failureMessage();
    case 'assuan':
      return errorLine(failure);
    case 'raw':
      return new Uint8Array(0);
  }
}
