import {currentUser} from './account.ts';
import {advapi32} from './advapi32.ts';
import {kernel32} from './kernel32.ts';

/** Loads koffi, declares what every pipe needs, and finds out who we are. Throws FailureError. */
export function loadPipeFunctions(): void {
  kernel32();
  advapi32();
  currentUser();
}
