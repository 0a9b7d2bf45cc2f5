import {createHash} from 'node:crypto';
import {bind, type Handle, kernel32} from './kernel32.ts';

const WAIT_OBJECT_0 = 0;
const WAIT_ABANDONED = 0x80;
const SYNCHRONIZE = 0x0010_0000;
const NONE: Handle = 0;

/** `wanted`: a helper waits for its turn. `serving`: the one whose turn it is has the pipe's only place. */
export type TurnFlag = 'wanted' | 'serving';

/** What all helpers of the user share about one pipe. */
export type TurnLock = {
  /** Takes the turn if it is free; `left` when the helper that had it ended without giving it back. */
  take(): 'mine' | 'left' | 'taken';
  give(): void;
  /** Shows a flag to the other helpers until it is lowered, or this process ends. */
  raise(flag: TurnFlag): void;
  lower(flag: TurnFlag): void;
  /** Whether anybody shows it, this helper included. */
  raised(flag: TurnFlag): boolean;
  /** Gives up everything but the turn itself, which must have been given back. */
  close(): void;
};

/**
 * Opens the lock of a pipe. A mutex of Windows, because Windows takes that back from a process that is killed; it
 * belongs to the thread that took it, our main thread. A flag is an event that exists: it goes with the last
 * process that has it open. `Local\` is the user's session, in which all helpers are. Undefined when Windows
 * gives none (an administrator's, for example): turns are then taken inside this process only.
 */
export function openTurnLock(pipe: string): TurnLock | undefined {
  const {CreateMutexW, ReleaseMutex, WaitForSingleObject, CreateEventW, OpenEventW} = api();
  const {CloseHandle} = kernel32();
  const hash = createHash('sha256').update(pipe).digest('hex').slice(0, 32);
  const name = `Local\\wslagent-turn-${hash}`;
  const mutex = CreateMutexW(null, 0, name);
  if (mutex === NONE) return undefined;
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
      const event = CreateEventW(null, 1, 0, `${name}-${flag}`);
      if (event !== NONE) events.set(flag, event);
    },
    lower,
    raised(flag) {
      const event = OpenEventW(SYNCHRONIZE, 0, `${name}-${flag}`);
      if (event !== NONE) CloseHandle(event);
      return event !== NONE;
    },
    close() {
      for (const flag of events.keys()) lower(flag);
      CloseHandle(mutex);
    },
  };
}

let declared: ReturnType<typeof declare> | undefined;

function api() {
  declared ??= declare();
  return declared;
}

function declare() {
  const {func} = bind('kernel32.dll');
  return {
    CreateMutexW: func<(security: null, owned: number, name: string) => Handle>(
      'intptr_t CreateMutexW(void *, int, str16)',
    ),
    ReleaseMutex: func<(mutex: Handle) => number>('int ReleaseMutex(intptr_t)'),
    WaitForSingleObject: func<(handle: Handle, milliseconds: number) => number>(
      'uint32 WaitForSingleObject(intptr_t, uint32)',
    ),
    CreateEventW: func<(security: null, manual: number, set: number, name: string) => Handle>(
      'intptr_t CreateEventW(void *, int, int, str16)',
    ),
    OpenEventW: func<(access: number, inherit: number, name: string) => Handle>(
      'intptr_t OpenEventW(uint32, int, str16)',
    ),
  };
}
