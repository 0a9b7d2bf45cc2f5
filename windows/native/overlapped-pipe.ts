import {completions} from './completions.ts';
import {FixedMemory} from './fixed-memory.ts';
import {type Handle, kernel32} from './kernel32.ts';
import type {PipeCalls} from './message-stream.ts';
import {overlappedCalls} from './overlapped-calls.ts';

/** OVERLAPPED, on 64-bit Windows. */
const OVERLAPPED_BYTES = 32;
const CHUNK_BYTES = 64 * 1024;

const PIPE_READMODE_MESSAGE = 2;

const ERROR_MORE_DATA = 234;
const ERROR_IO_PENDING = 997;

/** The memory of one call at a time. */
class Call {
  readonly overlapped = new FixedMemory(OVERLAPPED_BYTES);
  readonly buffer = new FixedMemory(CHUNK_BYTES);
  busy = false;

  free(): void {
    this.overlapped.free();
    this.buffer.free();
  }
}

/**
 * Reads and writes of a message-mode pipe, past libuv, which swallows messages of zero bytes. Each message is read by
 * itself: in the byte mode in which a client's end begins, an empty message may vanish between two others (so in
 * Wine's server, and nowhere promised by Windows).
 */
export class OverlappedPipe implements PipeCalls {
  readonly #handle: Handle;
  readonly #reading = new Call();
  /** Not made before something is written: most of what a pipe of ours does is to wait. */
  #writing: Call | undefined;
  #closed: (() => void) | undefined;

  /** The handle, which is overlapped, is this object's from now on, or closed when this throws. */
  constructor(handle: Handle) {
    this.#handle = handle;
    try {
      completions().attach(handle);
      const mode = Uint32Array.of(PIPE_READMODE_MESSAGE);
      if (!overlappedCalls().SetNamedPipeHandleState(handle, mode, null, null))
        throw new Error(`no message mode: windows error ${kernel32().GetLastError()}`);
    } catch (error) {
      this.#reading.free();
      kernel32().CloseHandle(handle);
      throw error;
    }
  }

  read(done: (error: number, bytes: Uint8Array) => void): void {
    const call = this.#reading;
    this.#start(call, 'ReadFile', CHUNK_BYTES, (error, count) =>
      // the rest of a message that is longer than the buffer comes with the next read
      done(error === ERROR_MORE_DATA ? 0 : error, call.buffer.bytes.slice(0, count)),
    );
  }

  write(bytes: Uint8Array, done: (error: number, count: number) => void): void {
    this.#writing ??= new Call();
    const count = Math.min(bytes.length, CHUNK_BYTES);
    this.#writing.buffer.bytes.set(bytes.subarray(0, count));
    this.#start(this.#writing, 'WriteFile', count, error => done(error, error === 0 ? count : 0));
  }

  close(done: () => void): void {
    this.#closed = done;
    if (this.#busy) overlappedCalls().CancelIoEx(this.#handle, null);
    else this.#free();
  }

  get #busy(): boolean {
    return this.#reading.busy || this.#writing?.busy === true;
  }

  #start(
    call: Call,
    name: 'ReadFile' | 'WriteFile',
    length: number,
    done: (error: number, count: number) => void,
  ): void {
    const {overlapped, buffer} = call;
    overlapped.bytes.fill(0);
    call.busy = true;
    const finish = (error: number, count: number): void => {
      call.busy = false;
      if (this.#closed === undefined) done(error, count);
      else if (!this.#busy) this.#free();
    };
    const immediate = overlappedCalls()[name](this.#handle, buffer.address, length, null, overlapped.address);
    const error = immediate ? 0 : kernel32().GetLastError();
    // a call that is done at once is told all the same, a warning such as ERROR_MORE_DATA too; only a failure is not
    if (immediate || error === ERROR_IO_PENDING || error === ERROR_MORE_DATA)
      completions().expect(overlapped.address, count => finish(this.#error(call), count));
    else process.nextTick(finish, error, 0);
  }

  /** Windows' number for how a call went that is done. */
  #error({overlapped}: Call): number {
    const count = new Uint32Array(1);
    return overlappedCalls().GetOverlappedResult(this.#handle, overlapped.address, count, 0)
      ? 0
      : kernel32().GetLastError();
  }

  #free(): void {
    kernel32().CloseHandle(this.#handle);
    this.#reading.free();
    this.#writing?.free();
    this.#closed?.();
  }
}
