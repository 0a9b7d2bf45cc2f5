// needs: ssh
import {renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {HELPER, startBed, temporaryFolder, until} from '../linux/relay/bed.ts';
import {listens} from '../listens.ts';

test('OpenSSH’s own agent, ssh-add and ssh-keygen work through relay and helper', async t => {
  const folder = temporaryFolder(t);
  const file = (name: string) => join(folder, name);
  const real = file('agent.sock');
  const agent = execa('ssh-agent', ['-D', '-a', real], {reject: false});
  t.teardown(async () => {
    agent.kill();
    await agent;
  });
  const bed = await startBed(t, '', {protocol: 'ssh-agent', targets: [`pipe:${real}`], helper: HELPER});
  const env = {SSH_AUTH_SOCK: bed.path()};
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'a key', '-f', file('key')]);
  await execa('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', 'another', '-f', file('rsa')]);
  await until('the agent', () => listens(real));

  await execa('ssh-add', ['-q', file('key'), file('rsa')], {env});
  renameSync(file('key'), file('away'));
  const {stdout} = await execa('ssh-add', ['-l'], {env});
  t.regex(stdout, /a key \(ED25519\)\n.*another \(RSA\)$/);
  await execa('ssh-add', ['-T', file('key.pub'), file('rsa.pub')], {env});

  writeFileSync(file('text'), 'to be signed');
  await execa('ssh-keygen', ['-q', '-Y', 'sign', '-f', file('key.pub'), '-n', 'file', file('text')], {env});
  const {stdout: verdict} = await execa(
    'ssh-keygen',
    ['-Y', 'check-novalidate', '-n', 'file', '-s', file('text.sig')],
    {inputFile: file('text')},
  );
  t.regex(verdict, /^Good "file" signature/);

  await execa('ssh-add', ['-q', '-d', file('key.pub')], {env});
  const {stdout: left} = await execa('ssh-add', ['-l'], {env: {SSH_AUTH_SOCK: real}});
  t.regex(left, /^[^\n]*another \(RSA\)$/);
});

test('without an agent, ssh-add fails within two seconds', async t => {
  const bed = await startBed(t, '', {
    protocol: 'ssh-agent',
    targets: ['pipe:/nowhere/agent.sock'],
    helper: HELPER,
  });
  // the helper's own start is not what is measured
  await execa('ssh-add', ['-l'], {env: {SSH_AUTH_SOCK: bed.path()}, reject: false});
  const {failed, timedOut} = await execa('ssh-add', ['-l'], {
    env: {SSH_AUTH_SOCK: bed.path()},
    reject: false,
    timeout: 2000,
  });
  t.true(failed);
  t.false(timedOut);
});
