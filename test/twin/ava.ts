/*
 * ava inside a twin, each test file in namespaces of its own:
 *
 *   node test/twin/enter.ts -- node test/twin/ava.ts [AVA'S ARGUMENTS]
 *
 * ava starts a process for each file with `process.execPath`, which is a program of ours from here on.
 */
import {createRequire} from 'node:module';
import path from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

process.env.WSLAGENT_TWIN_NODE = process.execPath;
process.execPath = fileURLToPath(new URL('each.sh', import.meta.url));
const main = createRequire(import.meta.url).resolve('ava');
await import(pathToFileURL(path.join(path.dirname(main), 'cli.js')).href);
