/** Loaded into every test file: one whose tests are over and that does not leave is named and ended, or ava waits for ever. */
import {registerCompletionHandler} from 'ava';

const LEAVE_MS = 20_000;

registerCompletionHandler(() => {
  const watch = setTimeout(() => {
    const what = process.getActiveResourcesInfo().filter(name => name !== 'Timeout');
    console.error(`its tests are over, and it does not leave because of: ${what.join(', ') || 'a timer'}`);
    process.exit(1);
  }, LEAVE_MS);
  watch.unref();
});
