/** `npm start` */
import {runPinned} from './setup.mjs';

process.exitCode = await runPinned('.ci/start/main.ts', process.argv.slice(2));
