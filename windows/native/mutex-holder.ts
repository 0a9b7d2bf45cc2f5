import path from 'node:path';
import {bind, type Handle} from './kernel32.ts';
import {programOf} from './process.ts';

/** MutantOwnerInformation (ntexapi.h): a CLIENT_ID, which is a process's number and a thread's, of 8 bytes each. */
const OWNER_INFORMATION = 1;
const CLIENT_ID_BYTES = 16;

type Query = (mutex: Handle, what: number, into: Uint8Array, size: number, needed: null) => number;

let query: Query | undefined;

/** The program that has taken a mutex, a name for people; undefined when nobody has, or Windows does not tell (Wine). */
export function mutexHolder(mutex: Handle): string | undefined {
  query ??= bind('ntdll.dll').func<Query>('int NtQueryMutant(intptr_t, int, void *, uint32, void *)');
  const client = Buffer.alloc(CLIENT_ID_BYTES);
  if (query(mutex, OWNER_INFORMATION, client, client.length, null) < 0) return undefined;
  const pid = Number(client.readBigUInt64LE(0));
  if (pid === 0) return undefined;
  const program = programOf(pid);
  return program === undefined ? `process ${pid}` : `${path.win32.basename(program)} (process ${pid})`;
}
