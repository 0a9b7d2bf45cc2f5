import {exitCode} from '../../shared/exit-codes.ts';
import type {ProbeReport} from '../../shared/probe.ts';
import {PROTOCOL_VERSION} from '../../shared/protocol/greeting.ts';
import {VERSION} from '../../shared/version.ts';
import {survey, surveyOf} from '../probe/survey.ts';
import {print} from '../stdio/print.ts';
import {parseTargetOptions} from './options.ts';

/** Prints what is there as JSON (shared/probe.ts). Resolves with the exit code. Throws UsageError. */
export async function probe(args: readonly string[]): Promise<number> {
  const {targets, protocol} = parseTargetOptions(args);
  const asked = targets.map(target => ({target, protocol, foundBy: 'asked'}) as const);
  const report: ProbeReport = {
    version: VERSION,
    protocol: PROTOCOL_VERSION,
    platform: process.platform,
    arch: process.arch,
    node: process.version,
    localAppData: process.env.LOCALAPPDATA ?? null,
    userName: process.env.USERNAME ?? null,
    ...(await (asked.length > 0 ? surveyOf(asked) : survey())),
  };
  await print(`${JSON.stringify(report, undefined, 2)}\n`);
  return exitCode('ok');
}
