import {koffi} from './koffi.ts';

const ATTRIBUTES_BYTES = 24;

/** A SECURITY_ATTRIBUTES with the descriptor that it points to behind it. Programs that we start inherit no handle. */
export function securityAttributes(descriptor: Uint8Array): Uint8Array {
  const bytes = Buffer.concat([Buffer.alloc(ATTRIBUTES_BYTES), descriptor]);
  bytes.writeUInt32LE(ATTRIBUTES_BYTES, 0);
  bytes.writeBigUInt64LE(koffi().address(bytes) + BigInt(ATTRIBUTES_BYTES), 8);
  return bytes;
}
