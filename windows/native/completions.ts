import {FixedMemory} from './fixed-memory.ts';
import {inThread} from './in-thread.ts';
import {type Handle, kernel32, NO_HANDLE} from './kernel32.ts';
import {type Address, INFINITE, overlappedCalls} from './overlapped-calls.ts';

/** OVERLAPPED_ENTRY: key (8), OVERLAPPED's address (8), a word of Windows' own (8), bytes (4), padding (4). */
const ENTRY_BYTES = 32;
const ENTRY_OVERLAPPED = 8;
const ENTRY_COUNT = 24;

/** How many completions are taken at a time. */
const ROOM = 64;

/** Called once, when the call that was given this OVERLAPPED is done and Windows uses its memory no more. */
export type Done = (transferred: number) => void;

/**
 * What Windows tells of reads and writes that are under way, for all pipes of this process: one completion port, on
 * which one thread of libuv's pool waits while there is anything to wait for.
 */
class Completions {
  readonly #port: Handle;
  readonly #entries = new FixedMemory(ENTRY_BYTES * ROOM);
  readonly #count = new FixedMemory(4);
  readonly #view: DataView;
  readonly #pending = new Map<Address, Done>();
  #waiting = false;

  constructor() {
    this.#port = overlappedCalls().CreateIoCompletionPort(NO_HANDLE, 0, 0, 1);
    if (this.#port === 0) throw new Error(`no completion port: windows error ${kernel32().GetLastError()}`);
    const {buffer} = this.#entries.bytes;
    this.#view = new DataView(buffer);
  }

  /** From now on the calls on this handle are told here, and must be given to `expect`. */
  attach(handle: Handle): void {
    if (overlappedCalls().CreateIoCompletionPort(handle, this.#port, 0, 0) === 0)
      throw new Error(`no completions for a pipe: windows error ${kernel32().GetLastError()}`);
  }

  /** A call with this OVERLAPPED is under way. */
  expect(overlapped: Address, done: Done): void {
    this.#pending.set(overlapped, done);
    if (!this.#waiting) this.#wait();
  }

  #wait(): void {
    this.#waiting = true;
    const {GetQueuedCompletionStatusEx} = overlappedCalls();
    const [entries, count] = [this.#entries.address, this.#count.address];
    void inThread(GetQueuedCompletionStatusEx, this.#port, entries, ROOM, count, INFINITE, 0).then(
      ({result, lastError}) => {
        this.#waiting = false;
        if (result === 0) throw new Error(`cannot wait for pipes: windows error ${lastError}`);
        this.#tell();
      },
    );
  }

  #tell(): void {
    const count = new DataView(this.#count.bytes.buffer).getUint32(0, true);
    const told: [Done, number][] = [];
    for (let at = 0; at < count * ENTRY_BYTES; at += ENTRY_BYTES) {
      const overlapped = this.#view.getBigUint64(at + ENTRY_OVERLAPPED, true);
      const done = this.#pending.get(overlapped);
      this.#pending.delete(overlapped);
      if (done !== undefined) told.push([done, this.#view.getUint32(at + ENTRY_COUNT, true)]);
    }
    // what is told starts new calls, which begin another wait
    for (const [done, transferred] of told) done(transferred);
    if (this.#pending.size > 0 && !this.#waiting) this.#wait();
  }
}

let only: Completions | undefined;

/** The completions of this process. Throws FailureError when koffi cannot be loaded. */
export function completions(): Completions {
  only ??= new Completions();
  return only;
}
