import test from 'ava';
import {launcherItem} from '../../../linux/install/launcher.ts';
import {parseSs} from '../../../linux/install/socket-inodes.ts';
import {parseShow} from '../../../linux/install/systemctl.ts';

test('systemctl show is read block by block, in any order of properties', t => {
  const stdout = 'MainPID=0\nId=a.service\nListen=/run/a b=c (Stream)\n\nId=b.socket\nResult=success\n';
  t.deepEqual(
    parseShow(stdout).map(unit => Object.fromEntries(unit)),
    [
      {MainPID: '0', Id: 'a.service', Listen: '/run/a b=c (Stream)'},
      {Id: 'b.socket', Result: 'success'},
    ],
  );
});

test('ss tells the inode of a socket’s file', t => {
  const stdout = [
    'u_str LISTEN 0      4096                    /run/a b.sock 179036            * 0    <-> ino:37 dev:0/40 peers:',
    'u_seq LISTEN 0      1                       @abstract 5            * 0    <-> peers:',
    '',
  ].join('\n');
  t.deepEqual([...parseSs(stdout)], [[179036, 37]]);
});

test('the launcher is left out where another wslagent is on PATH', t => {
  const item = (path: string, ...programs: string[]) =>
    launcherItem('/h/.local/bin', ['/a b/node', '/opt/wslagent.mjs'], path, name => programs.includes(name));
  const made = item('/usr/bin:/h/.local/bin', '/h/.local/bin/wslagent');
  t.is(made?.kind === 'file' && made.path, '/h/.local/bin/wslagent');
  t.regex(
    made?.kind === 'file' ? made.content : '',
    /^#!\/bin\/sh\n#.*\nexec '\/a b\/node' \/opt\/wslagent\.mjs "\$@"\n$/,
  );
  t.is(item('/usr/bin', '/usr/bin/wslagent'), undefined);
  t.not(item('/x/node_modules/.bin', '/x/node_modules/.bin/wslagent'), undefined);
});
