/*
 * `wslagent trial` with a Windows side: Pageant under Wine holds a fresh key, the real exe is run by binfmt_misc.
 * linux/trial/trial.ts imports `lacking` and `run`; run by itself, inside the namespaces, this file is the trial.
 */
import {existsSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {UserError} from '../../linux/errors.ts';
import {builtExe, DIST} from '../../linux/helper-command.ts';
import {runTrial} from '../../linux/trial/run.ts';
import {titled} from '../../linux/trial/step.ts';
import {agentsMissing, ensureAgents} from './agents/ensure.ts';
import {makeKey} from './agents/keys.ts';
import {startPageant} from './agents/pageant.ts';
import {enter} from './enter.ts';
import {twinMissing} from './missing.ts';
import {startTwin} from './twin.ts';

const script = fileURLToPath(import.meta.url);
const print = (line: string) => console.log(line);

/** What this machine lacks for a Windows side, one sentence each; nothing missing gives []. */
export async function lacking(): Promise<string[]> {
  const missing = twinMissing('wine');
  if (missing.length > 0) return missing;
  if (!existsSync(builtExe())) return [`${builtExe()} is not built: npm run build`];
  const [agent] = await agentsMissing(['pageant']);
  return agent?.obstacle === undefined ? [] : [`${agent.obstacle.message}: ${agent.obstacle.hint}`];
}

/** Builds Pageant if the cache lacks it and runs the trial in namespaces of its own; resolves with its exit code. */
export async function run(): Promise<number> {
  print('the trial uses an agent, keys and folders of its own and touches nothing of yours');
  await ensureAgents({pageant: true, onProgress: print});
  return enter([process.execPath, script]);
}

async function trialInTwin(): Promise<void> {
  const {pageant} = await ensureAgents({pageant: true});
  if (pageant === undefined) throw new Error('Pageant is not in the cache');
  const twin = await startTwin();
  const folder = await mkdtemp(path.join(twin.runtimeDir, 'trial-'));
  try {
    const key = await makeKey(folder, 'id', 'ed25519', 'wslagent trial');
    const agent = await startPageant(twin.env, {pageantExe: pageant.pageantExe, keys: [key.ppkPath], folder});
    try {
      print(titled('agent', `Pageant for Windows under Wine, holding a fresh ed25519 key, at ${agent.pipe}`));
      print(titled('helper', `${path.relative(process.cwd(), builtExe())}, started by the kernel as on WSL`));
      print(titled('relay', `wslagent relay on Node ${process.versions.node}`));
      const self = [process.execPath, path.join(DIST, 'wslagent.mjs')];
      await runTrial({self, helper: builtExe(), target: agent.pipe, folder, env: twin.env}, print);
    } finally {
      await agent.stop();
    }
  } finally {
    await rm(folder, {recursive: true, force: true});
    await twin.stop();
  }
  print('');
  print('it works; inside WSL2 the next command is: npm start');
}

if (process.argv[1] === script) {
  try {
    await trialInTwin();
  } catch (error) {
    const known = error instanceof UserError;
    console.error(`wslagent: error: ${known ? error.message : error instanceof Error ? error.stack : error}`);
    if (known && error.hint !== undefined) console.error(`wslagent: hint: ${error.hint}`);
    process.exitCode = 1;
  }
}
