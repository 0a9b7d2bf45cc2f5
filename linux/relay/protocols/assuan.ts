import {clientFailure} from '../../../shared/client-failure.ts';
import type {Failure} from '../../../shared/failure.ts';
import type {ClientProtocol} from './client-protocol.ts';

const NEWLINE = 0x0a;

/** GnuPG's line protocol: a failure is an `ERR` line, as long as the last line that the client got is whole. */
export class Assuan implements ClientProtocol {
  readonly serverFirst = true;
  readonly serverEndsAll = true;
  readonly owing = false;
  readonly full = false;
  readonly fireAndForget = false;
  readonly answersOnly = false;
  #atLineStart = true;

  fromClient(): void {}

  fromAgent(bytes: Uint8Array): Uint8Array[] {
    this.#atLineStart = bytes.at(-1) === NEWLINE;
    return [bytes];
  }

  atAgentEnd(): undefined {
    return undefined;
  }

  farewell(failure: Failure): Uint8Array {
    return this.#atLineStart ? clientFailure('assuan', failure) : new Uint8Array(0);
  }

  again(): undefined {
    return undefined;
  }
}
