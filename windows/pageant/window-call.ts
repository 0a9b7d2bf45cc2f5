import {randomBytes} from 'node:crypto';
import {currentUser} from '../native/account.ts';
import {koffi} from '../native/koffi.ts';
import {makeSharedMemory, type SharedMemory} from '../native/shared-memory.ts';
import {sendMessage, type Window} from '../native/user32.ts';

/** How much memory Pageant wants to see (pageant.h, AGENT_MAX_MSGLEN), in bytes: a message with its length field. */
export const WINDOW_MAX = 262_144;

const WM_COPYDATA = 0x4a;
/** AGENT_COPYDATA_ID: what makes a WM_COPYDATA a request for Pageant. */
const REQUEST_ID = 0x804e_50ban;
/** Where the name stands behind its COPYDATASTRUCT, in bytes. */
const NAME_OFFSET = 24;
const NAMES = 8;

/**
 * What came of a request: the whole answer, length field included, or how it went wrong: the window went away, Windows'
 * number for why it was not reached, an answer of 0, or one that no message can be.
 */
export type WindowAnswer = Uint8Array | 'gone' | number | 'refused' | 'malformed' | 'noMemory';

/**
 * Asks the agent behind a window: the request stands in shared memory, whose name goes to the window, and the answer is
 * in its place when the window returns (PuTTY's windows/agent-client.c). Takes as long as a person does.
 * `request` is one whole message, no longer than WINDOW_MAX. Nothing is given back before the window has returned:
 * until then the agent may write into the memory.
 */
export async function askWindow(window: Window, request: Uint8Array): Promise<WindowAnswer> {
  const shared = share();
  if (shared === undefined) return 'noMemory';
  const {memory, name} = shared;
  try {
    memory.write(request);
    const sent = await sendMessage(window, WM_COPYDATA, copyData(name));
    if ('error' in sent) return sent.error;
    return sent.answer === 0n ? 'refused' : readAnswer(memory);
  } finally {
    memory.close();
  }
}

/** The whole answer that stands in the memory. */
function readAnswer(memory: SharedMemory): WindowAnswer {
  const head = memory.read(4);
  const length = new DataView(head.buffer).getUint32(0);
  return length > 0 && length <= WINDOW_MAX - 4 ? memory.read(4 + length) : 'malformed';
}

/**
 * Memory that is ours by name, which agents check: kernel objects of administrators belong to their group otherwise.
 * The name is one that nobody can have guessed and made before.
 */
function share(): {memory: SharedMemory; name: string} | undefined {
  const owner = currentUser();
  if (owner === undefined) return undefined;
  for (let attempt = 0; attempt < NAMES; attempt++) {
    const name = `PageantRequest${randomBytes(4).toString('hex')}`;
    const memory = makeSharedMemory(name, WINDOW_MAX, owner);
    if (memory !== undefined) return {memory, name};
  }
  return undefined;
}

/** A COPYDATASTRUCT with the name behind it, as ASCII that ends in a NUL. */
function copyData(name: string): Uint8Array {
  const text = Buffer.from(`${name}\0`, 'latin1');
  const bytes = Buffer.concat([Buffer.alloc(NAME_OFFSET), text]);
  bytes.writeBigUInt64LE(REQUEST_ID, 0);
  bytes.writeUInt32LE(text.length, 8);
  bytes.writeBigUInt64LE(koffi().address(bytes) + BigInt(NAME_OFFSET), 16);
  return bytes;
}
