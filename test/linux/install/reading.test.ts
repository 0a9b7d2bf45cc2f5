import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {fileId, parseSs} from '../../../linux/install/bound-files.ts';
import {launcherItem} from '../../../linux/install/launcher.ts';
import {listenersOn} from '../../../linux/install/listeners.ts';
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

test('ss tells which file a socket is bound to', t => {
  const stdout = [
    'u_str LISTEN 0      4096                    /run/a b.sock 179036            * 0    <-> ino:37 dev:0/40 peers:',
    'u_str LISTEN 0      4096                    /run/b.sock 7            * 0    <-> ino:38 dev:1/44 peers:',
    'u_seq LISTEN 0      1                       @abstract 5            * 0    <-> peers:',
    '',
  ].join('\n');
  t.deepEqual(
    [...parseSs(stdout)],
    [
      [179036, '0:40:37'],
      [7, '0:300:38'],
    ],
  );
  t.is(fileId({dev: 40, ino: 37}), '0:40:37');
  // st_dev has the minor's upper bits above the major (new_encode_dev in the kernel's kdev_t.h)
  t.is(fileId({dev: 0x10002c, ino: 38}), '0:300:38');
});

test('a file that is bound is found by what ss and stat say of it', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'bound-'));
  const path = join(folder, 'a.sock');
  const server = createServer().listen(path);
  await once(server, 'listening');
  t.deepEqual(
    [...(await listenersOn([path, join(folder, 'b.sock')]))].map(([name]) => name),
    [path],
  );
  t.deepEqual(
    (await listenersOn([path])).get(path)?.map(({pid}) => pid),
    [process.pid],
  );
  // the socket listens on, and its file is another's now
  rmSync(path);
  writeFileSync(path, '');
  t.deepEqual([...(await listenersOn([path]))], []);
  server.close();
  rmSync(folder, {recursive: true});
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
