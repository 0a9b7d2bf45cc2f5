// needs: gnupg
import {dirname} from 'node:path';
import test from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import type {ProbeReport} from '../../../shared/probe.ts';
import {type GpgBed, SETUP_MS, startGpgBed} from './gpg-bed.ts';

let bed: GpgBed;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
});
test.after.always(() => bed?.stop());

test.serial('what GnuPG of Windows is told is typed as it is printed', async t => {
  const target = `assuan:${bed.twin.toWindows(`${bed.gnupg.socketFolder}/S.gpg-agent`)}`;
  const ask = async () => {
    const {stdout} = await bed.twin.run(builtExe(), ['probe', '--protocol', 'assuan', '--target', target]);
    return (JSON.parse(stdout) as ProbeReport).agents[0];
  };
  // WSL puts the folders of Windows' PATH behind its own
  const {stdout: found} = await bed.twin.run('find', [bed.twin.toLinux('C:\\'), '-name', 'gpgconf.exe']);
  const path = `${bed.twin.env.PATH}:${dirname(found.trim().split('\n')[0] ?? '')}`;
  const type = (line: string) => bed.twin.run('bash', ['-c', line], {env: {PATH: path}});

  const absent = await ask();
  t.is(absent?.state, 'absent');
  t.is(absent?.hint, 'gpgconf.exe --launch gpg-agent');
  t.is((await type(absent?.hint ?? '')).exitCode, 0);
  t.is((await ask())?.state, 'answers');
  t.is((await type('gpgconf.exe --kill gpg-agent')).exitCode, 0);
  t.not((await ask())?.state, 'answers');
  const {exitCode, stdout} = await type('gpgconf.exe --list-dirs');
  t.is(exitCode, 0);
  t.regex(stdout, /^agent-socket:/m);
});
