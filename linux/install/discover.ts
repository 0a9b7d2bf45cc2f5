import {BUILT_IN_ENDPOINTS} from '../../shared/endpoint.ts';
import type {Note, ProbeReport} from '../../shared/probe.ts';
import {oneLine} from '../../shared/text.ts';
import type {Config} from '../config/load.ts';
import {resolveEndpoints} from '../endpoints.ts';
import {UserError} from '../errors.ts';
import {findHelper} from '../helper-command.ts';
import {probe} from '../probe.ts';
import {withProgress} from '../progress.ts';
import {type Choice, choose} from './choice.ts';
import {type HelperSource, helperSource} from './helper-source.ts';
import {checkManager} from './manager.ts';
import {linuxGpg} from './own-keys.ts';
import {checkSocketPlace} from './socket-place.ts';
import {askWindows, localAppDataOf} from './windows-program.ts';

export type Discovery = {
  choice: Choice;
  /** Found on the way, and good for the installation too. */
  helper: HelperSource;
  /** What could not be found out. */
  notes: Note[];
};

/**
 * Asks Windows which agents are there, and chooses. Changes nothing; what would refuse an installation of ssh does so
 * here, before Windows is asked. Throws UserError, `unavailable` when there is nothing to choose from.
 */
export async function discover(config: Config, env: NodeJS.ProcessEnv): Promise<Discovery> {
  for (const {listen} of await resolveEndpoints(['ssh'], config)) checkSocketPlace(listen);
  await checkManager();
  const {helper, report} = await withProgress('asking Windows which agents are there', ask(env));
  const configured = Object.fromEntries(
    Object.entries(config.endpoints).map(([name, {targets}]) => [name, targets] as const),
  );
  const choice = choose(report, {configured, gpg: await linuxGpg()});
  if (choice.endpoints.length === 0) throw nobody(report, choice);
  return {choice, helper, notes: report.notes};
}

/** The targets that are not what the endpoint has anyway. */
export function targetsToKeep({endpoints}: Choice): Map<string, string[]> {
  return new Map(
    endpoints.flatMap(({name, targets, configured}) => {
      const texts = targets.map(({target}) => target);
      const usual = texts.join('\0') === BUILT_IN_ENDPOINTS[name].targets.join('\0');
      return configured || usual ? [] : [[name, texts] as const];
    }),
  );
}

/** The exe is started once: from the Linux side, where it is now, that takes seconds. */
async function ask(env: NodeJS.ProcessEnv): Promise<{helper: HelperSource; report: ProbeReport}> {
  let report: ProbeReport | undefined;
  const helper = await helperSource(env, undefined, async exe => {
    report = await askWindows(exe);
    return localAppDataOf(report);
  });
  return {helper, report: report ?? (await probe(await findHelper(env)))};
}

const SWITCH_ON = [
  "start one of these: Windows' own agent (in PowerShell as administrator: Set-Service ssh-agent -StartupType Automatic; Start-Service ssh-agent), the SSH agent in the settings of 1Password, Bitwarden or KeeAgent, Pageant, or Gpg4win",
  'wslagent install --now',
].join('\n');

function nobody({notes}: ProbeReport, choice: Choice): UserError {
  const reasons = [...choice.notes, ...notes].map(({text}) => text);
  const why = reasons.length === 0 ? '' : ` (${reasons.map(text => oneLine(text)).join('; ')})`;
  return new UserError(`no agent was found on Windows that could be used${why}`, SWITCH_ON, 'unavailable');
}
