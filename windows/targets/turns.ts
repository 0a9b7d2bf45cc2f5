const lasts = new Map<string, Promise<void>>();

/**
 * Does `work` after everything that was given before it for the same key has ended, well or not. Connections to
 * one pipe are opened in turn: a crowd that wakes up together when a busy pipe is free again loses more
 * than it gains, and the pipe of gpg-agent does not survive it (error 535 in its log).
 */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const mine = (lasts.get(key) ?? Promise.resolve()).then(work);
  const last = mine.then(
    () => {},
    () => {},
  );
  lasts.set(key, last);
  try {
    return await mine;
  } finally {
    if (lasts.get(key) === last) lasts.delete(key);
  }
}
