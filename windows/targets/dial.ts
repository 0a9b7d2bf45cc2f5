import net from 'node:net';

/** The connection was not made within the deadline. */
export class DialTimeout extends Error {
  constructor() {
    super('timed out');
    this.name = 'DialTimeout';
  }
}

/**
 * Connects, bounded by `milliseconds` and by `signal`. The socket comes back paused and without listeners, able
 * to stay half-open. Rejects with Node's error (`code`), DialTimeout, or the signal's reason.
 */
export function dial(
  to: net.IpcNetConnectOpts | net.TcpNetConnectOpts,
  milliseconds: number,
  signal: AbortSignal,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    // Nothing is touched that nobody waits for any more.
    if (signal.aborted || milliseconds <= 0) {
      reject(signal.aborted ? signal.reason : new DialTimeout());
      return;
    }
    const socket = net.connect({...to, allowHalfOpen: true});
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect);
      socket.off('error', onError);
    };
    // For the time when nobody listens, before and after: a socket that has failed says so by its close, too.
    socket.on('error', () => {});
    const fail = (error: unknown): void => {
      finish();
      socket.destroy();
      reject(error);
    };
    const onConnect = (): void => {
      finish();
      socket.pause();
      resolve(socket);
    };
    const onError = (error: Error): void => fail(error);
    const onAbort = (): void => fail(signal.reason);
    const timer = setTimeout(() => fail(new DialTimeout()), milliseconds);
    signal.addEventListener('abort', onAbort, {once: true});
    socket.on('connect', onConnect);
    socket.on('error', onError);
  });
}
