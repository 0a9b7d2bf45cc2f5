import type {ProcessReport} from '../../shared/probe.ts';
import {findPageant} from '../pageant/window.ts';
import {describeServer} from './server.ts';

/** Who has the window by which agents in Pageant's manner are found; null when there is none. Rejects with FailureError. */
export async function pageantWindow(): Promise<ProcessReport | null> {
  const found = findPageant();
  return found === undefined ? null : ((await describeServer({pid: found.pid, owner: undefined})) ?? null);
}
