import {chmod, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {UserError} from '../errors.ts';
import {askTwice} from './ask.ts';
import {type Print, shown, step, titled} from './step.ts';

/** What a trial runs against. */
export type TrialSetup = {
  /** The command line that starts this very program: Node and the script. */
  self: string[];
  /** What WSLAGENT_HELPER is set to. */
  helper: string;
  target: string;
  /** An empty folder of its own, short enough for a socket path. */
  folder: string;
  /** The environment for all programs. */
  env: NodeJS.ProcessEnv;
};

/** How long the first answer may take: a helper that starts cold on a busy machine. */
const FIRST_ANSWER = 30_000;
const NAMESPACE = 'wslagent-trial';
const MESSAGE = 'signed by a key that never left Windows\n';

/**
 * Uses the agent behind `target` as a person would: through the relay, with the system's own ssh-add and
 * ssh-keygen. Throws UserError at the first thing that does not work.
 */
export async function runTrial(setup: TrialSetup, print: Print): Promise<void> {
  const socket = join(setup.folder, 'agent.sock');
  const relay = startRelayProcess(setup, socket);
  try {
    print('');
    await relay.listening;
    const cold = await askTwice(socket, FIRST_ANSWER);
    print(titled('first connection', `ok, ${shown(cold.first)}, most of it to start the helper`));
    await useAgent(setup, {...setup.env, SSH_AUTH_SOCK: socket}, print);
    const warm = await askTwice(socket, FIRST_ANSWER);
    print(
      titled(
        'next connection',
        `ok, ${shown(warm.first)} from connect to answer, ${shown(warm.second)} for one more request`,
      ),
    );
  } catch (error) {
    for (const line of relay.lines.slice(-12)) print(`  relay: ${line}`);
    throw error;
  } finally {
    await relay.stop();
  }
}

async function useAgent(setup: TrialSetup, env: NodeJS.ProcessEnv, print: Print): Promise<void> {
  const {folder} = setup;
  const keys = await step(print, 'ssh-add -l', {file: 'ssh-add', args: ['-l'], env});
  for (const line of keys.split('\n')) print(`    ${line}`);
  const publicKeys = await step(print, 'ssh-add -L', {file: 'ssh-add', args: ['-L'], env});
  const [publicKey = ''] = publicKeys.split('\n');
  const keyFile = join(folder, 'key.pub');
  await writeFile(keyFile, `${publicKey}\n`);
  await chmod(keyFile, 0o600);
  await step(print, 'ssh-add -T', {file: 'ssh-add', args: ['-T', keyFile], env});
  const signature = await step(print, 'ssh-keygen -Y sign', {
    file: 'ssh-keygen',
    args: ['-q', '-Y', 'sign', '-n', NAMESPACE, '-f', keyFile],
    env,
    input: MESSAGE,
  });
  await writeFile(join(folder, 'signature'), `${signature}\n`);
  await writeFile(join(folder, 'allowed'), `trial ${publicKey}\n`);
  const check = [
    '-Y',
    'verify',
    '-n',
    NAMESPACE,
    '-I',
    'trial',
    '-f',
    join(folder, 'allowed'),
    '-s',
    join(folder, 'signature'),
  ];
  await step(print, 'ssh-keygen -Y verify', {file: 'ssh-keygen', args: check, env, input: MESSAGE});
}

/** The relay as a process of its own, with what it says; `stop` ends it and waits for that. */
function startRelayProcess({self, helper, target, env}: TrialSetup, socket: string) {
  const [file = process.execPath, ...args] = self;
  const process_ = execa(
    file,
    [...args, 'relay', '--listen', socket, '--target', target, '--log-level', 'debug'],
    {
      env: {...env, WSLAGENT_HELPER: helper},
      extendEnv: false,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      forceKillAfterDelay: 20_000,
    },
  );
  const lines: string[] = [];
  const listening = Promise.withResolvers<void>();
  void (async () => {
    for await (const line of process_.iterable({from: 'stderr'})) {
      lines.push(line);
      if (line.includes(socket)) listening.resolve();
    }
    listening.reject(
      new UserError(`the relay ended: ${lines.at(-1) ?? 'without a word'}`, 'wslagent relay --help'),
    );
  })();
  listening.promise.catch(() => {});
  return {
    lines,
    listening: listening.promise,
    async stop() {
      process_.kill('SIGTERM');
      await process_;
    },
  };
}
