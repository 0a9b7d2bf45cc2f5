import test from 'ava';
import {
  GNUPG_UNITS,
  type GnupgFacts,
  gnupgItems,
  noAutostartFile,
  replacesAgent,
  unitsInTheWay,
} from '../../../linux/install/gnupg-items.ts';

const AGENT = '/run/user/0/gnupg/S.gpg-agent';

const facts: GnupgFacts = {homedir: '/h/.gnupg', version: '2.4.4', commonConf: '', gpgConf: ''};

function confs(changed: Partial<GnupgFacts>): string[] {
  return gnupgItems([AGENT], {...facts, ...changed}).items.flatMap(item =>
    item.kind === 'lines' ? item.path : [],
  );
}

test('no-autostart goes where this GnuPG reads it', t => {
  for (const version of ['2.2.40', '2.3.7']) t.is(noAutostartFile(version), 'gpg.conf', version);
  for (const version of ['2.3.8', '2.4.4', '2.5.0', '3.0.0'])
    t.is(noAutostartFile(version), 'common.conf', version);
  t.deepEqual(confs({}), ['/h/.gnupg/common.conf']);
  t.deepEqual(confs({version: '2.2.40'}), ['/h/.gnupg/gpg.conf']);
});

test('a person who has it already gets nothing added, our own lines do not count', t => {
  t.deepEqual(confs({gpgConf: 'armor\n no-autostart\n'}), []);
  t.deepEqual(confs({commonConf: 'no-autostart'}), []);
  t.deepEqual(confs({commonConf: '# no-autostart\n'}), ['/h/.gnupg/common.conf']);
  const [lines] = gnupgItems([AGENT], facts).items.flatMap(item => (item.kind === 'lines' ? item.lines : []));
  t.deepEqual(confs({commonConf: `armor\n${lines}`}), ['/h/.gnupg/common.conf']);
});

test('with keyboxd gpg must be able to start it, so autostart stays and the person is told', t => {
  t.deepEqual(confs({commonConf: 'use-keyboxd\n'}), []);
  t.regex(gnupgItems([AGENT], {...facts, commonConf: 'use-keyboxd\n'}).note?.text ?? '', /keyboxd/);
  t.is(gnupgItems([AGENT], facts).note, undefined);
});

test('where gpg finds its agent on Windows, the whole local one has to go', t => {
  t.deepEqual(unitsInTheWay([`${AGENT}.ssh`, AGENT]), GNUPG_UNITS);
  t.true(replacesAgent([`${AGENT}.ssh`, AGENT]));
  const masked = gnupgItems([AGENT], facts).items.flatMap(item => (item.kind === 'mask' ? item.unit : []));
  t.deepEqual(masked, GNUPG_UNITS);
});

test('a socket beside the agent is taken alone', t => {
  t.deepEqual(unitsInTheWay([`${AGENT}.ssh`, `${AGENT}.extra`]), [
    'gpg-agent-ssh.socket',
    'gpg-agent-extra.socket',
  ]);
  t.deepEqual(unitsInTheWay([`${AGENT}.browser`]), ['gpg-agent-browser.socket']);
  t.deepEqual(unitsInTheWay(['/run/user/0/gnupg/S.scdaemon']), []);
  t.false(replacesAgent([`${AGENT}.ssh`]));
  t.deepEqual(
    gnupgItems([`${AGENT}.ssh`], undefined).items.map(({kind}) => kind),
    ['mask'],
  );
});
