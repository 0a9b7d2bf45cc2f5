import {fileURLToPath} from 'node:url';
import test from 'ava';
import {twinMissing} from './missing.ts';
import {run} from './run.ts';

const missing = new URL('missing.ts', import.meta.url);

test('where a twin runs, nothing is missing for Windows programs', t => {
  t.deepEqual(twinMissing('wine'), []);
});

test('a machine without the programs is told each one with the command to type', async t => {
  const script = `import(${JSON.stringify(fileURLToPath(missing))}).then(({twinMissing}) =>
    console.log(JSON.stringify([twinMissing('wine'), twinMissing('systemd')])))`;
  const {stdout} = await run(process.execPath, ['-e', script], {PATH: '/nonexistent'});
  const [wine, systemd] = JSON.parse(stdout) as [string[], string[]];
  t.is(wine.length, 2);
  t.regex(wine[0] ?? '', /^util-linux is not installed: (sudo )?apt-get install util-linux$/);
  t.regex(wine[1] ?? '', /^wine is not installed: (sudo )?apt-get install wine$/);
  t.deepEqual(systemd.slice(0, 2), wine);
  t.regex(systemd[2] ?? '', /^systemd is not installed: (sudo )?apt-get install systemd$/);
});
