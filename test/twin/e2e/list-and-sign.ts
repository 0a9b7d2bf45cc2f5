/** What each way to an agent has to show: its keys listed, and a signature of the system's own ssh-keygen, verified. */
import {mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import type {Twin} from '../twin.ts';
import type {Chain} from './chain.ts';

/** `publicLine` is a key that the agent has, and `publicPath` a file with it. */
export async function listAndSign(
  t: ExecutionContext,
  twin: Twin,
  chain: Chain,
  {publicLine, publicPath}: {publicLine: string; publicPath: string},
): Promise<void> {
  const ok = async (command: string, args: string[], input?: string) => {
    const options = {env: chain.env, ...(input === undefined ? {} : {input})};
    const {exitCode, stdout, stderr} = await twin.run(command, args, options);
    if (exitCode === 0) return stdout;
    throw new Error([`${command} ${args.join(' ')}: ${exitCode} ${stderr}`, ...chain.lines].join('\n'));
  };
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
