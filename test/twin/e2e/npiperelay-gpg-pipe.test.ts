// needs: gnupg, gpg, ssh, socat
import test from 'ava';
import {comments, REQUEST_IDENTITIES} from './agent-messages.ts';
import {askOnce, Client} from './client.ts';
import {SETUP_MS} from './gpg-bed.ts';
import {type GpgPipeBed, startGpgPipeBed} from './gpg-pipe-bed.ts';
import {startSocat} from './socat.ts';

// npiperelay's line with gpg-agent's OpenSSH pipe, which serves one client at a time and dies of crowds.

const LINE = '-p -l -ei -s //./pipe/openssh-ssh-agent';
const CLIENTS = 6;

let bed: GpgPipeBed;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgPipeBed();
});

test.after.always(() => bed?.stop());

test.serial('a client that stays connected keeps nobody out, and is served again', async t => {
  const socket = await startSocat(t, bed.twin, LINE);
  const stays = await Client.to(socket);
  for (let round = 0; round < 3; round++) {
    t.is(comments(await stays.ask(REQUEST_IDENTITIES)).length, 1);
    t.is(comments(await askOnce(socket, REQUEST_IDENTITIES)).length, 1);
  }
  stays.close();
});

test.serial('a crowd that stays is answered in each round, and the pipe lives', async t => {
  const socket = await startSocat(t, bed.twin, LINE);
  const clients = await Promise.all(Array.from({length: CLIENTS}, () => Client.to(socket)));
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(clients.map(client => client.ask(REQUEST_IDENTITIES)));
    t.deepEqual(
      answers.map(answer => comments(answer).length),
      clients.map(() => 1),
    );
  }
  for (const client of clients) client.close();
  t.is(await bed.pipeErrors(), '');
  t.is(comments(await askOnce(socket, REQUEST_IDENTITIES)).length, 1);
});
