import {existsSync} from 'node:fs';
import {delimiter, join} from 'node:path';

/** Whether the shim can be built here; where nothing may be left out, it has to be. */
export const hasCompiler = (process.env.PATH ?? '')
  .split(delimiter)
  .some(folder => existsSync(join(folder, 'cc')));

if (!hasCompiler && process.env.CI !== undefined)
  throw new Error('there is no C compiler: apt-get install gcc libc6-dev');
