export type Ladder = {
  /** Tells the process, in its own way, to leave. */
  closeStdin(): void;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Resolves when the process is gone. */
  exited: Promise<void>;
  /** Told before each signal. */
  said(signal: 'SIGTERM' | 'SIGKILL'): void;
};

/**
 * What a helper that has not greeted is given to leave by itself, in milliseconds: killing a Windows program in its first
 * moments can take WSL's interop server down with it (microsoft/WSL#41592).
 */
export const PATIENCE_BEFORE_GREETING = 2000;

/** What a signal is given to work, in milliseconds. */
const STEP = 1000;

/**
 * Ends a process: stdin closed, `patience` ms later SIGTERM, a second later SIGKILL. Closing stdin is
 * the real word on WSL; a signal ends only the Linux end, and Windows then terminates the program.
 * Resolves when the process is gone.
 */
export async function descend(ladder: Ladder, patience: number): Promise<void> {
  ladder.closeStdin();
  if (await within(ladder.exited, patience)) return;
  ladder.said('SIGTERM');
  ladder.kill('SIGTERM');
  if (await within(ladder.exited, STEP)) return;
  ladder.said('SIGKILL');
  ladder.kill('SIGKILL');
  await ladder.exited;
}

/** Whether the promise resolves within `ms`. */
async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>(resolve => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
