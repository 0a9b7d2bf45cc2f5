import type {ProbeReport} from '../shared/probe.ts';
import {oneLine} from '../shared/text.ts';
import {VERSION} from '../shared/version.ts';
import {UserError} from './errors.ts';
import {type HelperCommand, helperRemedy} from './helper-command.ts';
import {runHelper} from './run-helper.ts';

/** Asks the helper what agents are there, or who answers at these targets. Throws UserError. */
export async function probe(helper: HelperCommand, targets: readonly string[] = []): Promise<ProbeReport> {
  const text = await runHelper(helper, ['probe', ...targets.flatMap(target => ['--target', target])]);
  const report = parseReport(text);
  if (report === undefined)
    throw new UserError(
      `the helper's report is not understood: ${oneLine(text)}`,
      helperRemedy(helper, 'wslagent install --now'),
      'protocol',
    );
  if (report.version !== VERSION)
    throw new UserError(
      `helper version "${oneLine(report.version)}" does not match "${VERSION}" (${helper.command})`,
      helperRemedy(helper, 'wslagent install --now'),
      'protocol',
    );
  return report;
}

function parseReport(text: string): ProbeReport | undefined {
  try {
    const report: unknown = JSON.parse(text);
    return typeof report === 'object' && report !== null && 'version' in report && 'agents' in report
      ? (report as ProbeReport)
      : undefined;
  } catch {
    return undefined;
  }
}
