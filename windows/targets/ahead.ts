import {currentLabel, currentUser} from '../native/account.ts';
import {advapi32} from '../native/advapi32.ts';
import {PIPES_OF_WINDOWS} from './pipe-of-windows.ts';

/** A name that no pipe has. */
const NOWHERE = 'wslagent-nobody-listens-here';

/**
 * Loads koffi, declares what every pipe needs, finds out who we are, and takes the way to a pipe once, as far as it
 * goes without one. Throws FailureError.
 */
export function prepareForPipes(): void {
  // the module behind this global is loaded by its first use
  performance.now();
  advapi32();
  currentUser();
  currentLabel();
  const lock = PIPES_OF_WINDOWS.lock(NOWHERE);
  if (lock !== undefined && 'close' in lock) lock.close();
  PIPES_OF_WINDOWS.listens(NOWHERE);
}
