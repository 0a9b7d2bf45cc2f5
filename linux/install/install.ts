import {lstatSync} from 'node:fs';
import type {Config} from '../config/load.ts';
import {applyChanges} from './apply.ts';
import {agreed} from './ask-person.ts';
import type {Person} from './confirm.ts';
import {discover, targetsToKeep} from './discover.ts';
import type {HelperSource} from './helper-source.ts';
import {alone} from './lock.ts';
import {openInstallation} from './open-installation.ts';
import type {Output} from './output.ts';
import {type InstallOptions, type Prepared, prepare} from './prepare.ts';
import {recordCopy, recordFile} from './record.ts';
import {untilUnchanged} from './until-unchanged.ts';

/**
 * Installs, and says each change. Everything that can be checked is checked before the first one. False when the person
 * did not want it. Throws UserError.
 */
export async function install(
  options: InstallOptions,
  config: Config,
  output: Output,
  person: Person,
): Promise<boolean> {
  if (options.names.length > 0 || isInstalled()) {
    await installNamed(options, config, output);
    return true;
  }
  const discovery = await discover(config, process.env);
  if (!(await agreed(discovery, options, person, output.tell))) {
    output.tell('nothing was changed');
    return false;
  }
  const {choice, helper} = discovery;
  const names = choice.endpoints.map(({name}) => name);
  await installNamed({...options, names}, {...config, chosen: targetsToKeep(choice)}, output, helper);
  return true;
}

async function installNamed(
  options: InstallOptions,
  config: Config,
  output: Output,
  helper?: HelperSource,
): Promise<void> {
  if (options.dryRun) return report(await prepare(options, config, helper), options, output);
  await alone(async () => {
    const record = await openInstallation(output);
    const warn = (text: string, hint?: string) => output.warn({text, hint});
    let last: Prepared | undefined;
    await untilUnchanged(record, output, async () => {
      const plan = await prepare(options, config, last?.helper ?? helper);
      // what an earlier round has done was no nothing
      last = {...plan, nothing: plan.nothing && last === undefined};
      const how = {say: output.say, warn, offline: false, goOn: false};
      const apply = async () => {
        if (plan.changes.length > 0) await applyChanges(plan.changes, plan.record, how);
      };
      return {notes: plan.notes, apply};
    });
    if (last !== undefined) summary(last, options, output);
  });
}

function report(plan: Prepared, options: InstallOptions, output: Output): void {
  for (const note of plan.notes) output.warn(note);
  for (const {planned} of plan.changes) if (planned !== undefined) output.say(planned);
  summary(plan, options, output);
}

function summary({nothing, commands, hasSsh}: Prepared, {now, dryRun}: InstallOptions, output: Output): void {
  if (nothing) output.say('nothing to change');
  if (commands.length > 0) {
    const line = commands.map(args => `systemctl --user ${args.join(' ')}`).join(' && ');
    output.say(`to start it: ${line}`);
  }
  if (now && hasSsh && !nothing && !dryRun)
    output.say('new shells find the agent; in this one: eval "$(wslagent env)"');
}

/** A record that cannot be used says so, too. */
function isInstalled(): boolean {
  return [recordFile(), recordCopy()].some(path => lstatSync(path, {throwIfNoEntry: false}) !== undefined);
}
