// needs: ssh
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import type {ProbeReport} from '../../../shared/probe.ts';
import {startTwin, type Twin} from '../twin.ts';
import {FAILURE, REQUEST_IDENTITIES} from './agent-messages.ts';
import {chainFor} from './chain.ts';
import {askOnce} from './client.ts';

let twin: Twin;

test.before(async t => {
  t.timeout(180_000);
  twin = await startTwin();
});

test.after.always(async () => {
  await twin?.stop();
});

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Windows takes `..` out of a path before it looks where that leads: so these are no pipes at all. */
const NO_PIPES = {
  'a disk file': (file: string) => `..\\..\\${file}`,
  'a device': () => '..\\NUL',
};

for (const [what, name] of Object.entries(NO_PIPES))
  test.serial(
    `${what} is no pipe: the client, the journal and probe are told, and nothing is written`,
    async t => {
      const file = path.join(twin.localAppData.linux, 'S.gpg-agent');
      writeFileSync(file, '1234\n0123456789abcdef');
      const before = sha256(file);
      const target = `pipe:${name(twin.toWindows(file))}`;
      const chain = await chainFor(t, twin, {target});
      t.deepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
      t.regex(await chain.line(/ warning: socket#/), /is not a pipe; hint: wslagent probe$/);
      const {stdout} = await twin.run(builtExe(), ['probe', '--target', target]);
      t.is((JSON.parse(stdout) as ProbeReport).agents[0]?.state, 'badTarget');
      t.true(existsSync(file));
      t.is(sha256(file), before);
    },
  );
