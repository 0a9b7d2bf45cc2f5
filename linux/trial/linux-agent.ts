import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {UserError} from '../errors.ts';

/** The system's own ssh-agent with one fresh key, at a socket in `folder`; `stop` ends it. */
export async function startLinuxAgent(
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<{socket: string; stop(): Promise<void>}> {
  const socket = join(folder, 'windows-agent.sock');
  const key = join(folder, 'id');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'wslagent trial', '-f', key], env);
  const agent = execa('ssh-agent', ['-D', '-a', socket], {
    env,
    stdio: 'ignore',
    reject: false,
    forceKillAfterDelay: 2000,
  });
  const stop = async () => {
    agent.kill('SIGTERM');
    await agent;
  };
  try {
    await added(['-q', key], {...env, SSH_AUTH_SOCK: socket});
    await rm(key);
    return {socket, stop};
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Adds the key as soon as the agent listens, which takes it a moment. */
async function added(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  for (let tries = 50; ; tries--) {
    try {
      await run('ssh-add', args, env);
      return;
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}

async function run(file: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const result = await execa(file, args, {env, stdin: 'ignore', reject: false, timeout: 10_000});
  if (result.failed) throw new UserError(`${file} failed: ${result.stderr || result.shortMessage}`);
}
