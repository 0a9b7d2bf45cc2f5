import type {ClientProtocol} from './client-protocol.ts';

/** Bytes of which nothing is known: they pass, and a failure is told by closing. */
export class Raw implements ClientProtocol {
  readonly serverFirst = true;
  readonly serverEndsAll = false;
  readonly owing = false;
  readonly full = false;
  readonly fireAndForget = true;
  readonly answersOnly = false;

  fromClient(): void {}

  fromAgent(bytes: Uint8Array): Uint8Array[] {
    return [bytes];
  }

  atAgentEnd(): undefined {
    return undefined;
  }

  farewell(): Uint8Array {
    return new Uint8Array(0);
  }

  again(): undefined {
    return undefined;
  }
}
