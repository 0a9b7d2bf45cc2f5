// needs: ssh
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {makeKey} from './keys.ts';

for (const kind of ['ed25519', 'rsa'] as const) {
  test(`ssh-keygen reads an ${kind} key and finds the same public key in it`, async t => {
    const folder = await mkdtemp(join(tmpdir(), 'keys-'));
    t.teardown(() => rm(folder, {recursive: true}));
    const key = await makeKey(folder, 'id', kind, 'a comment');
    const {stdout} = await execa('ssh-keygen', ['-y', '-P', '', '-f', key.opensshPath]);
    t.is(stdout, key.publicLine);
    t.is(await readFile(key.publicPath, 'utf8'), `${stdout}\n`);
    // Pageant is the judge of the .ppk file, in test/twin/agents.test.ts.
    t.regex(await readFile(key.ppkPath, 'utf8'), /^PuTTY-User-Key-File-3: ssh-.*\nEncryption: none\n/);
  });
}
