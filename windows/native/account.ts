import {advapi32} from './advapi32.ts';
import {type Handle, kernel32} from './kernel32.ts';
import {koffi} from './koffi.ts';
import {type Sid, sidLength} from './sid.ts';

const TOKEN_QUERY = 8;
/** What GetTokenInformation gives of a token: its user, its mandatory label. */
const TOKEN_USER = 1;
const TOKEN_INTEGRITY_LEVEL = 25;
/** A TOKEN_USER or TOKEN_MANDATORY_LABEL: a pointer, attributes, and the SID of at most 68 bytes behind them. */
const TOKEN_SID_BYTES = 128;
const CURRENT_PROCESS: Handle = -1;

let mine: Sid | undefined;
let myLabel: Sid | undefined;

/** The SID that an address points to, copied. */
export function readSid(address: bigint): Sid | undefined {
  const {decode} = koffi();
  const length = sidLength(Uint8Array.from(decode(address, 'uint8', 2)));
  return length === 0 ? undefined : Uint8Array.from(decode(address, 'uint8', length));
}

/** The user whose programs we are. */
export function currentUser(): Sid | undefined {
  mine ??= userOf(CURRENT_PROCESS);
  return mine;
}

/** The mandatory label that our programs run with. */
export function currentLabel(): Sid | undefined {
  myLabel ??= labelOf(CURRENT_PROCESS);
  return myLabel;
}

/** The user that a process runs as; undefined when Windows does not tell. */
export function userOf(process: Handle): Sid | undefined {
  return sidInToken(process, TOKEN_USER);
}

/** The mandatory label that a process runs with; undefined when Windows does not tell. */
export function labelOf(process: Handle): Sid | undefined {
  return sidInToken(process, TOKEN_INTEGRITY_LEVEL);
}

function sidInToken(process: Handle, what: number): Sid | undefined {
  const token = new BigInt64Array(1);
  if (!advapi32().OpenProcessToken(process, TOKEN_QUERY, token)) return undefined;
  const handle = Number(token[0]);
  try {
    const into = Buffer.alloc(TOKEN_SID_BYTES);
    const done = advapi32().GetTokenInformation(handle, what, into, into.length, new Uint32Array(1));
    return done ? readSid(into.readBigUInt64LE(0)) : undefined;
  } finally {
    kernel32().CloseHandle(handle);
  }
}
