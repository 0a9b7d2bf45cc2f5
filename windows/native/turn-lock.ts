import {createHash} from 'node:crypto';
import {currentLabel, currentUser} from './account.ts';
import {accountName} from './account-name.ts';
import {bind, type Handle, kernel32} from './kernel32.ts';
import {mutexHolder} from './mutex-holder.ts';
import {securityOf} from './object-security.ts';
import {securityAttributes} from './security-attributes.ts';
import {onlyFor} from './security-descriptor.ts';
import {isOurs} from './trust.ts';

const WAIT_OBJECT_0 = 0;
const WAIT_ABANDONED = 0x80;
const SYNCHRONIZE = 0x0010_0000;
const READ_CONTROL = 0x0002_0000;
const ALREADY_EXISTS = 183;
const NONE: Handle = 0;

/**
 * `wanted`: a helper waits for its turn. `held`: a helper has it. `serving`: the one whose turn it is has the pipe's only
 * place.
 */
export type TurnFlag = 'wanted' | 'held' | 'serving';

/** What all helpers of the user share about one pipe. */
export type TurnLock = {
  /** Takes the turn if it is free; `left` when the helper that had it ended without giving it back. */
  take(): 'mine' | 'left' | 'taken';
  give(): void;
  /** Shows a flag to the other helpers until it is lowered, or this process ends. */
  raise(flag: TurnFlag): void;
  lower(flag: TurnFlag): void;
  /** Whether any helper shows it, this one included. */
  raised(flag: TurnFlag): boolean;
  /** Who has the turn, a name for people, as far as Windows tells. */
  holder(): string;
  /** Gives up everything but the turn itself, which must have been given back. */
  close(): void;
};

/** The lock's name is somebody else's, whom `foreign` names for people: nobody can be waited for behind it. */
export type ForeignLock = {foreign: () => Promise<string>};

/**
 * Opens the lock of a pipe. A mutex of Windows, because Windows takes that back from a process that is killed; it
 * belongs to the thread that took it, our main thread. A flag is an event that exists: it goes with the last
 * process that has it open. `Local\` is the user's session, in which all helpers are. All of them let nobody in but
 * programs of the same user, at the same integrity level or above; what has their name and is not such is not used.
 * Undefined when Windows gives none (an administrator's, for example): turns are then taken inside this process only.
 */
export function openTurnLock(pipe: string): TurnLock | ForeignLock | undefined {
  const {CreateMutexW, ReleaseMutex, WaitForSingleObject, CreateEventW, OpenEventW} = api();
  const {CloseHandle, GetLastError} = kernel32();
  const security = ourSecurity();
  if (security === undefined) return undefined;
  const hash = createHash('sha256').update(pipe).digest('hex').slice(0, 32);
  const name = `Local\\wslagent-turn-${hash}`;
  const mutex = CreateMutexW(security, 0, name);
  const existed = GetLastError() === ALREADY_EXISTS;
  if (mutex === NONE) return undefined;
  const foreign = existed ? stranger(mutex) : undefined;
  if (foreign !== undefined) {
    const holder = mutexHolder(mutex);
    CloseHandle(mutex);
    return {foreign: async () => holder ?? (await foreign())};
  }
  const events = new Map<TurnFlag, Handle>();
  const lower = (flag: TurnFlag): void => {
    const event = events.get(flag);
    if (events.delete(flag) && event !== undefined) CloseHandle(event);
  };
  return {
    take() {
      const result = WaitForSingleObject(mutex, 0);
      if (result === WAIT_ABANDONED) return 'left';
      return result === WAIT_OBJECT_0 ? 'mine' : 'taken';
    },
    give: () => void ReleaseMutex(mutex),
    raise(flag) {
      if (events.has(flag)) return;
      const event = CreateEventW(security, 1, 0, `${name}-${flag}`);
      if (event !== NONE) events.set(flag, event);
    },
    lower,
    raised(flag) {
      if (events.has(flag)) return true;
      const event = OpenEventW(SYNCHRONIZE | READ_CONTROL, 0, `${name}-${flag}`);
      if (event === NONE) return false;
      const ours = stranger(event) === undefined;
      CloseHandle(event);
      return ours;
    },
    holder: () => mutexHolder(mutex) ?? 'another program',
    close() {
      for (const flag of events.keys()) lower(flag);
      CloseHandle(mutex);
    },
  };
}

let security: Uint8Array | undefined;

/** What the lock and its flags are made with; undefined when Windows does not tell who we are. */
function ourSecurity(): Uint8Array | undefined {
  const [user, label] = [currentUser(), currentLabel()];
  if (user === undefined || label === undefined) return undefined;
  security ??= securityAttributes(onlyFor(user, label));
  return security;
}

/** Whose an object is that has the name of one of ours and is none. */
function stranger(object: Handle): (() => Promise<string>) | undefined {
  const found = securityOf(object);
  if (found !== undefined && isOurs(found)) return undefined;
  const owner = found?.owner;
  return async () => (owner === undefined ? 'another program' : `a program of ${await accountName(owner)}`);
}

let declared: ReturnType<typeof declare> | undefined;

function api() {
  declared ??= declare();
  return declared;
}

function declare() {
  const {func} = bind('kernel32.dll');
  return {
    CreateMutexW: func<(security: Uint8Array, owned: number, name: string) => Handle>(
      'intptr_t CreateMutexW(void *, int, str16)',
    ),
    ReleaseMutex: func<(mutex: Handle) => number>('int ReleaseMutex(intptr_t)'),
    WaitForSingleObject: func<(handle: Handle, milliseconds: number) => number>(
      'uint32 WaitForSingleObject(intptr_t, uint32)',
    ),
    CreateEventW: func<(security: Uint8Array, manual: number, set: number, name: string) => Handle>(
      'intptr_t CreateEventW(void *, int, int, str16)',
    ),
    OpenEventW: func<(access: number, inherit: number, name: string) => Handle>(
      'intptr_t OpenEventW(uint32, int, str16)',
    ),
  };
}
