/** A whole run, inside the twin. */
import {mkdtemp} from 'node:fs/promises';
import {join} from 'node:path';
import {startTwin, twinHasSystemd} from '../twin/twin.ts';
import type {Options} from './options.ts';
import {planFor} from './plan.ts';
import {burst} from './questions/burst.ts';
import {fresh} from './questions/fresh.ts';
import {held} from './questions/held.ts';
import {idle} from './questions/idle.ts';
import {first, second, spaced} from './questions/latency.ts';
import {long} from './questions/long.ts';
import type {Ask, Contestant, Round} from './questions/question.ts';
import {stream} from './questions/stream.ts';
import type {Question, Result, Run, Server} from './report/schema.ts';
import {SERVERS, type Serving} from './servers.ts';
import type {Bed, Target, Way} from './ways/way.ts';
import {WAYS} from './ways/ways.ts';
import {windowsPrograms} from './windows/programs.ts';

type Outcome = Pick<Run, 'results' | 'leftOut'>;

/** Which pipe a question goes to, and with which servers it is asked. */
const ASKS: Record<Question, {ask: Ask; pipe: 'agent' | 'raw'; servers: Server[]}> = {
  fresh: {ask: fresh, pipe: 'agent', servers: ['nothing', 'pageant']},
  idle: {ask: idle, pipe: 'agent', servers: ['nothing']},
  first: {ask: first, pipe: 'agent', servers: ['nothing', 'pageant']},
  spaced: {ask: spaced, pipe: 'agent', servers: ['nothing']},
  second: {ask: second, pipe: 'agent', servers: ['nothing', 'pageant']},
  burst: {ask: burst, pipe: 'agent', servers: ['nothing', 'pageant']},
  held: {ask: held, pipe: 'agent', servers: ['nothing']},
  stream: {ask: stream, pipe: 'raw', servers: ['nothing']},
  long: {ask: long, pipe: 'agent', servers: ['nothing']},
};

export async function runInTwin(options: Options, say: (line: string) => void): Promise<Outcome> {
  const outcome: Outcome = {results: [], leftOut: []};
  const leaveOut = (what: string, why: string) => {
    outcome.leftOut.push({what, why});
    say(`left out: ${what}: ${why}`);
  };
  const ways = WAYS.filter(way => {
    if (!options.ways.includes(way.name)) return false;
    const why = way.missing();
    if (why !== undefined) leaveOut(way.name, why);
    return why === undefined;
  });
  const twin = await startTwin({systemd: twinHasSystemd() && options.only.includes('idle')});
  try {
    const folder = await mkdtemp(join(twin.runtimeDir, 'bench-'));
    let files = 0;
    const bed: Bed = {
      twin,
      programs: await windowsPrograms(say),
      file: name => join(folder, `${files++}-${name}`),
    };
    const shared = {
      bed,
      add: (result: Result) => void outcome.results.push(result),
      leaveOut,
      say,
    };
    for (const server of options.servers) await askAll(server, ways, options, shared);
  } finally {
    await twin.stop();
  }
  return outcome;
}

type Shared = Pick<Round, 'bed' | 'add' | 'leaveOut' | 'say'>;

async function askAll(server: Server, ways: readonly Way[], options: Options, shared: Shared): Promise<void> {
  const questions = options.only.filter(name => ASKS[name].servers.includes(server));
  if (questions.length === 0) return;
  let serving: Serving;
  try {
    serving = await SERVERS[server](shared.bed);
  } catch (error) {
    shared.leaveOut(server, error instanceof Error ? error.message : String(error));
    return;
  }
  try {
    for (const pipe of ['agent', 'raw'] as const) {
      const asked = questions.filter(name => ASKS[name].pipe === pipe);
      const name = serving[pipe];
      if (asked.length === 0 || name === undefined) continue;
      const target: Target = {pipe: name, protocol: pipe === 'agent' ? 'ssh-agent' : 'raw'};
      const plan = planFor(options.quick, server);
      await withContestants(ways, target, shared, async contestants => {
        for (const question of asked)
          await ASKS[question].ask({...shared, plan, server, target, contestants});
      });
    }
  } finally {
    await serving.stop();
  }
}

async function withContestants(
  ways: readonly Way[],
  target: Target,
  {bed, leaveOut}: Shared,
  work: (contestants: Contestant[]) => Promise<void>,
): Promise<void> {
  const contestants: Contestant[] = [];
  try {
    for (const way of ways)
      try {
        contestants.push({way, running: await way.start(bed, target)});
      } catch (error) {
        leaveOut(way.name, error instanceof Error ? error.message : String(error));
      }
    await work(contestants);
  } finally {
    for (const {running} of contestants) await running.stop();
  }
}
