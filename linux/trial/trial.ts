import {existsSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {UserError} from '../errors.ts';
import {DIST, nodeHelper, npmLine} from '../helper-command.ts';
import {interop} from '../wsl.ts';
import {startLinuxAgent} from './linux-agent.ts';
import {runTrial} from './run.ts';
import {type Print, titled} from './step.ts';

export type TrialOptions = {node: boolean; print: Print};

/** What test/twin/trial.ts exports, for a checkout of the project. */
type TwinTrial = {
  /** What this machine lacks for a Windows side, one sentence each. */
  lacking(): Promise<string[]>;
  /** Runs the whole trial in the twin; resolves with its exit code. */
  run(): Promise<number>;
};

/**
 * Brings up an agent with a fresh key, a relay and a helper, and uses them with the system's own tools:
 * with a Windows side in the test bed where there is one, else with the helper on this system's Node.
 */
export async function trial({node, print}: TrialOptions): Promise<void> {
  const reasons = node ? ['--node was asked for'] : await windowsSide();
  if (reasons === undefined) return;
  mustHaveOpenSsh();
  print('the trial uses an agent, keys and folders of its own and touches nothing of yours');
  print(titled('windows side', 'not here, so its parts run on Linux:'));
  for (const reason of reasons) print(`    ${reason}`);
  await trialOnNode(print);
}

/** Runs the trial against a Windows side if there is one; else says why not. */
async function windowsSide(): Promise<string[] | undefined> {
  if (interop().isWsl) return ['inside WSL the agents are your own: wslagent install uses them'];
  const source = join(DIST, '..', 'test', 'twin', 'trial.ts');
  if (!existsSync(source)) return ['the test bed is part of the source tree, which is not here'];
  const twin = (await import(pathToFileURL(source).href)) as TwinTrial;
  const lacking = await twin.lacking();
  if (lacking.length > 0) return lacking;
  const code = await twin.run();
  if (code !== 0) throw new UserError('the trial failed; the lines above say where', npmLine('twin'));
  return undefined;
}

async function trialOnNode(print: Print): Promise<void> {
  const {command, args} = nodeHelper();
  const folder = await mkdtemp(join(tmpdir(), 'wslagent-trial-'));
  const env = {...process.env, HOME: folder, XDG_RUNTIME_DIR: folder};
  try {
    const agent = await startLinuxAgent(folder, env);
    try {
      print(titled('agent', "the system's ssh-agent, holding a fresh ed25519 key"));
      print(titled('helper', `${args.join(' ')} on Node ${process.versions.node}`));
      print(titled('relay', `wslagent relay on Node ${process.versions.node}`));
      const helper = [command, ...args].map(word => word.replaceAll(' ', '\\ ')).join(' ');
      await runTrial({self: selfCommand(), helper, target: `pipe:${agent.socket}`, folder, env}, print);
    } finally {
      await agent.stop();
    }
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
  print('');
  print('it works; inside WSL2 the next command is: npm start');
}

/** The command line of this very program. */
function selfCommand(): string[] {
  return [process.execPath, process.argv[1] ?? join(DIST, 'wslagent.mjs')];
}

/** Throws UserError when a program that a trial uses is not there. */
function mustHaveOpenSsh(): void {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const missing = ['ssh-agent', 'ssh-add', 'ssh-keygen'].filter(
    name => !folders.some(folder => existsSync(join(folder, name))),
  );
  if (missing.length > 0)
    throw new UserError(`${missing.join(', ')} not installed`, 'sudo apt-get install openssh-client');
}
