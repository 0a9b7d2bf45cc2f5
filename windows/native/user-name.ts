import {decodeAnsi} from './ansi.ts';
import {inThread, type Threaded} from './in-thread.ts';
import {bind} from './kernel32.ts';

/** NameUserPrincipal of secext.h. */
const USER_PRINCIPAL = 8;

/** More than UNLEN (256) and a domain's name (255) take, in bytes. */
const NAME_BYTES = 1024;

/** The name with which the user logged on to this machine; undefined when Windows does not tell. */
export function logonName(): string | undefined {
  const ask = bind('advapi32.dll').func<(name: Uint8Array, size: Uint32Array) => number>(
    'int GetUserNameA(void *, void *)',
  );
  const name = new Uint8Array(NAME_BYTES);
  return ask(name, Uint32Array.of(name.length)) ? text(name) : undefined;
}

/**
 * `ada@example.org`, which users of a domain or of Entra have, and others not. Windows may ask the domain for it: that
 * takes its time.
 */
export async function principalName(): Promise<string | undefined> {
  const ask = bind('secur32.dll').func<
    Threaded<[format: number, name: Uint8Array, size: Uint32Array], number>
  >('uint8 GetUserNameExA(int, void *, void *)');
  const name = new Uint8Array(NAME_BYTES);
  const size = Uint32Array.of(name.length);
  const {result} = await inThread(ask, USER_PRINCIPAL, name, size);
  return result ? text(name) : undefined;
}

function text(name: Uint8Array): string {
  return decodeAnsi(name.subarray(0, name.indexOf(0)));
}
