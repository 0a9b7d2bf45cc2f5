/** What each way to an agent has to show: its keys listed, and a signature of the system's own ssh-keygen, verified. */
import {mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import type {Twin} from '../twin.ts';
import {type Chain, runWith} from './chain.ts';

/** A key that an agent has, as ssh writes it, and a file with it. */
export type SshKey = {publicLine: string; publicPath: string};

export async function listAndSign(
  t: ExecutionContext,
  twin: Twin,
  chain: Chain,
  {publicLine, publicPath}: SshKey,
): Promise<void> {
  const ok = (command: string, args: string[], input?: string) =>
    runWith(chain, twin, command, args, input === undefined ? {} : {input});
  const [type = '', blob = ''] = publicLine.split(' ');
  t.true((await ok('ssh-add', ['-L'])).includes(`${type} ${blob}`));
  t.regex(await ok('ssh-add', ['-l']), /^\d+ SHA256:\S+ .* \((ED25519|RSA)\)$/m);
  const folder = await mkdtemp(path.join(twin.home, 'sign-'));
  const [signature, allowed] = [path.join(folder, 'signature'), path.join(folder, 'allowed')];
  await writeFile(allowed, `ada ${publicLine}\n`);
  const sign = ['-q', '-Y', 'sign', '-n', 'file', '-f', publicPath];
  await writeFile(signature, await ok('ssh-keygen', sign, 'a text'));
  const verify = ['-Y', 'verify', '-n', 'file', '-I', 'ada', '-f', allowed, '-s', signature];
  t.regex(await ok('ssh-keygen', verify, 'a text'), /^Good "file" signature for ada/);
  await t.throwsAsync(ok('ssh-keygen', verify, 'another'), {message: /incorrect signature/});
}
