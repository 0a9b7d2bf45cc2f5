/** `npm test` */
import {runPinned} from './setup.mjs';

process.exitCode = await runPinned('.ci/test/main.ts', process.argv.slice(2));
