import {setTimeout as sleep} from 'node:timers/promises';
import {advapi32} from './advapi32.ts';
import {inThread} from './in-thread.ts';
import {formatSid, type Sid} from './sid.ts';
import {textOf} from './text16.ts';

const NAME_UNITS = 256;

/** How long a domain's controller may take to name somebody, in milliseconds: it may be out of reach. */
const PATIENCE = 2000;

/** Names that are being asked for, by SID: a question that nobody answers holds a thread, so each is asked once at a time. */
const asked = new Map<string, Promise<string>>();

/** `MACHINE\\name`, or the SID in digits where Windows does not tell in time. Never rejects. */
export function accountName(sid: Sid): Promise<string> {
  const digits = formatSid(sid);
  let name = asked.get(digits);
  if (name === undefined) {
    name = lookUp(sid, digits)
      .catch(() => digits)
      .finally(() => asked.delete(digits));
    asked.set(digits, name);
  }
  return Promise.race([name, sleep(PATIENCE, digits, {ref: false})]);
}

async function lookUp(sid: Sid, digits: string): Promise<string> {
  const name = new Uint16Array(NAME_UNITS);
  const domain = new Uint16Array(NAME_UNITS);
  const nameLength = Uint32Array.of(NAME_UNITS);
  const domainLength = Uint32Array.of(NAME_UNITS);
  const use = new Uint32Array(1);
  const {LookupAccountSidW} = advapi32();
  const {result} = await inThread(LookupAccountSidW, null, sid, name, nameLength, domain, domainLength, use);
  if (!result) return digits;
  const words = [textOf(domain, domainLength[0] ?? 0), textOf(name, nameLength[0] ?? 0)];
  return words.filter(word => word !== '').join('\\');
}
