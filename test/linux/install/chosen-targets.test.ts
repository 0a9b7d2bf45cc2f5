import test from 'ava';
import type {Choice} from '../../../linux/install/choice.ts';
import {targetsToKeep} from '../../../linux/install/discover.ts';
import {person} from '../run-cli.ts';

const RECORD = '.local/state/wslagent/install.json';
const CONFIG = '.config/wslagent/config.toml';

const record = (targets?: string[]) =>
  JSON.stringify({
    schema: 1,
    version: '0.1.0',
    mode: 'daemon',
    endpoints: [{name: 'ssh', protocol: 'ssh-agent', listen: '/run/s', gnupg: false, targets}],
    program: ['/node', '/wslagent.mjs'],
    helper: ['/helper.exe'],
    entries: [],
  });

type Row = {what: string; files: Record<string, string>; targets: string[]};
const rows: Row[] = [
  {what: 'nothing was chosen', files: {[RECORD]: record()}, targets: ['pipe:openssh-ssh-agent']},
  {
    what: 'what install chose counts',
    files: {[RECORD]: record(['pageant', 'gpg:agent-ssh-socket'])},
    targets: ['pageant', 'gpg:agent-ssh-socket'],
  },
  {
    what: 'the configuration file counts for more',
    files: {[RECORD]: record(['pageant']), [CONFIG]: '[endpoints.ssh]\ntargets = ["pipe:mine"]\n'},
    targets: ['pipe:mine'],
  },
  {
    what: 'a configuration file that names no targets leaves the choice as it is',
    files: {[RECORD]: record(['pageant']), [CONFIG]: '[endpoints.ssh]\nlisten = "%t/mine.sock"\n'},
    targets: ['pageant'],
  },
];
for (const {what, files, targets} of rows)
  test.serial(what, async t => {
    const {stdout} = await person(t, files).run(['endpoints', '--json']);
    const listed = JSON.parse(stdout) as {name: string; targets: string[]}[];
    t.deepEqual(listed.find(({name}) => name === 'ssh')?.targets, targets);
    t.deepEqual(listed.find(({name}) => name === 'gpg')?.targets, ['gpg:agent-socket']);
  });

test('an empty choice is none', async t => {
  const {stdout, exitCode} = await person(t, {[RECORD]: record([])}).run(['endpoints', '--json']);
  t.is(exitCode, 0);
  const listed = JSON.parse(stdout) as {name: string; targets: string[]}[];
  t.deepEqual(listed.find(({name}) => name === 'ssh')?.targets, ['pipe:openssh-ssh-agent']);
});

const found = (targets: string[], configured = false): Choice => ({
  endpoints: [
    {name: 'ssh', configured, targets: targets.map(target => ({target, who: 'somebody', state: 'answers'}))},
  ],
  notes: [],
});

test('only what is not the built-in list, and not in the configuration file, is kept', t => {
  t.deepEqual([...targetsToKeep(found(['pipe:openssh-ssh-agent']))], []);
  t.deepEqual(
    [...targetsToKeep(found(['pipe:openssh-ssh-agent', 'pageant']))],
    [['ssh', ['pipe:openssh-ssh-agent', 'pageant']]],
  );
  t.deepEqual([...targetsToKeep(found(['pageant'], true))], []);
});
