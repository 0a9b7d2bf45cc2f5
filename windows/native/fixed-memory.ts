import {koffi} from './koffi.ts';
import type {Address} from './overlapped-calls.ts';

/** Memory, at first all 0, that Windows may use while a call of ours is under way: it stays where it is until it is freed. */
export class FixedMemory {
  readonly address: Address;
  /** The same memory; must not be touched after `free`. */
  readonly bytes: Uint8Array;

  constructor(length: number) {
    this.address = koffi().alloc('uint8', length);
    this.bytes = new Uint8Array(koffi().view(this.address, length));
  }

  free(): void {
    koffi().free(this.address);
  }
}
