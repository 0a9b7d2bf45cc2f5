/** How a read or a write tells that the other side has closed: Windows' 109, 232 and 233, and a socket's reset. */
const CODES = new Set(['EPIPE', 'ECONNRESET', 'EOF', 'ECONNABORTED']);

/** Whether an error of a stream means that the other side has closed. */
export function isGone({code = ''}: NodeJS.ErrnoException): boolean {
  return CODES.has(code);
}

/** The reason of every signal that stops work which nobody waits for: making an error anew takes longer than the work. */
export const NOT_NEEDED = new Error('nobody waits for it any more');
