import {inThread, type Threaded} from './in-thread.ts';
import {bind} from './kernel32.ts';

/** A window; 0 is none. */
export type Window = number;

/** The longest time that can be told to Windows and is meant, in milliseconds: 24 days. A person may be asked. */
const FOR_EVER_MS = 0x7fff_ffff;
const SMTO_NORMAL = 0;

let declared: ReturnType<typeof declare> | undefined;

/** The first window with this class and title on our desktop; 0 when there is none. */
export function findWindow(className: string, title: string): Window {
  return user32().FindWindowW(className, title);
}

/** The process that a window belongs to; undefined when the window has gone. */
export function windowProcess(window: Window): number | undefined {
  const pid = new Uint32Array(1);
  return user32().GetWindowThreadProcessId(window, pid) === 0 ? undefined : pid[0];
}

/**
 * Sends a message in a thread of libuv's pool and waits for as long as it takes. Gives what the window answered, or
 * Windows' number for why there is no answer: 5 when the window is of a program with higher rights (UIPI), `gone` when
 * it went away, for which Windows has several.
 */
export async function sendMessage(
  window: Window,
  message: number,
  data: Uint8Array,
): Promise<{answer: bigint} | {error: number | 'gone'}> {
  const answer = new BigUint64Array(1);
  const {SendMessageTimeoutW: send, IsWindow} = user32();
  const sent = await inThread(send, window, message, 0, data, SMTO_NORMAL, FOR_EVER_MS, answer);
  if (sent.result !== 0) return {answer: answer[0] ?? 0n};
  return {error: IsWindow(window) ? sent.lastError : 'gone'};
}

function user32() {
  declared ??= declare();
  return declared;
}

function declare() {
  const {func} = bind('user32.dll');
  return {
    FindWindowW: func<(className: string, title: string) => Window>('intptr_t FindWindowW(str16, str16)'),
    IsWindow: func<(window: Window) => number>('int IsWindow(intptr_t)'),
    GetWindowThreadProcessId: func<(window: Window, pid: Uint32Array) => number>(
      'uint32 GetWindowThreadProcessId(intptr_t, void *)',
    ),
    SendMessageTimeoutW: func<
      Threaded<
        [
          window: Window,
          message: number,
          wparam: number,
          lparam: Uint8Array,
          flags: number,
          milliseconds: number,
          answer: BigUint64Array,
        ],
        number
      >
    >('intptr_t SendMessageTimeoutW(intptr_t, uint32, uintptr_t, void *, uint32, uint32, void *)'),
  };
}
