import net from 'node:net';
import {bind, type Handle, kernel32} from './kernel32.ts';

type Adopt = (handle: Handle) => number;

let adopt: Adopt | undefined;

/**
 * Hands an overlapped pipe handle to libuv: a socket that is paused and may stay half-open. The handle is the
 * socket's from now on, or closed when this throws. node.exe exports uv_open_osfhandle, also as part of our exe.
 */
export function pipeSocket(handle: Handle): net.Socket {
  adopt ??= bind(null).func<Adopt>('int uv_open_osfhandle(intptr_t)');
  const fd = adopt(handle);
  if (fd < 0) {
    kernel32().CloseHandle(handle);
    throw new Error('libuv did not take the pipe');
  }
  // Not in the types, but what net.Server itself uses.
  const options = {fd, allowHalfOpen: true, pauseOnCreate: true};
  return new net.Socket(options);
}
