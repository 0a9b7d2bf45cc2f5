/** A run as tables: one for each question and server, a row for each way. */
import type {Summary} from '../../../linux/bench/summary.ts';
import type {Question, Result, ResultOf, Run} from './schema.ts';
import {streamTables} from './stream-tables.ts';
import {type Table, times} from './text.ts';

/** What the others are compared with. */
const BASE = 'npiperelay';

type Tabled<Q extends Question> = {
  title: string;
  columns: string[];
  cells(result: ResultOf<Q>, base: ResultOf<Q> | undefined): string[];
  /** What tells apart the rows of one way. */
  variant?(result: ResultOf<Q>): string;
};

const LATENCY = ['p50', 'p90', 'p99', 'min', 'samples', 'failed', `to ${BASE}`];

const latency = (title: string) => ({
  title,
  columns: LATENCY,
  cells: ({ms, failures}: ResultOf<'first'>, base: ResultOf<'first'> | undefined) => [
    ...summaryCells(ms, ['p50', 'p90', 'p99', 'min']),
    String(ms?.count ?? 0),
    String(failures),
    times(ms?.p50, base?.ms?.p50),
  ],
});

/** Of these a way has a row; `stream` is another kind of table. */
type Rowed = Exclude<Question, 'stream'>;

const TABLES: {[Q in Rowed]: Tabled<Q>} = {
  fresh: latency('first connection ever, connect to first answer'),
  idle: latency('first connection after idle exit, connect to first answer'),
  first: latency('warm, one after another, connect to first answer'),
  spaced: latency('warm, one now and then, connect to first answer'),
  second: latency('second request on an open connection'),
  burst: {
    title: 'bursts, all done after',
    columns: ['p50', 'max', 'rounds', 'failed', `to ${BASE}`],
    variant: ({size}) => `${size}`,
    cells: ({ms, failures, connections}, base) => [
      milliseconds(ms.p50),
      milliseconds(ms.max),
      String(ms.count),
      `${failures} of ${connections}`,
      times(ms.p50, base?.ms.p50),
    ],
  },
  held: {
    title: 'connections held',
    columns: [
      'processes',
      'PSS',
      'own memory',
      'wineserver',
      'a new one p50',
      'p90',
      'failed',
      `own to ${BASE}`,
    ],
    variant: ({size}) => `${size}`,
    cells: ({linux, windows, wineserver, ms, failures, newFailures}, base) => [
      `${linux.processes} + ${windows.processes}`,
      mebibytes(linux.pss + windows.pss),
      mebibytes(linux.own + windows.own),
      mebibytes(wineserver.own),
      ...summaryCells(ms, ['p50', 'p90']),
      String(failures + newFailures),
      times(linux.own + windows.own, base && base.linux.own + base.windows.own),
    ],
  },
  long: {
    title: 'connections one after another',
    columns: ['connections', 'failed', 'own memory from', 'to', 'descriptors', 'processes', 'grows'],
    cells: ({connections, failures, checkpoints, grows}) => {
      const [from, to] = [checkpoints.at(0), checkpoints.at(-1)];
      return [
        String(connections),
        String(failures),
        mebibytes(from?.memory.own),
        mebibytes(to?.memory.own),
        `${from?.descriptors} → ${to?.descriptors}`,
        `${from?.memory.processes} → ${to?.memory.processes}`,
        grows.length === 0 ? 'no' : grows.join(', '),
      ];
    },
  },
};

/** All tables of a run that have rows. */
export function resultTables({results, leftOut}: Run): Table[] {
  const tables = Object.keys(TABLES).flatMap(name => {
    const question = name as Rowed;
    const servers = new Set(results.filter(one => one.question === question).map(({server}) => server));
    return [...servers].map(server =>
      tableOf(
        question,
        server,
        results.filter(one => one.question === question && one.server === server),
      ),
    );
  });
  const streams = results.filter(one => one.question === 'stream');
  for (const server of new Set(streams.map(one => one.server)))
    tables.push(
      ...streamTables(
        streams.filter(one => one.server === server),
        server,
      ),
    );
  const left = leftOut.map(({what, why}) => [what, why]);
  return left.length === 0
    ? tables
    : [...tables, {title: 'left out', columns: ['what', 'why'], rows: left, words: true}];
}

function tableOf<Q extends Rowed>(question: Q, server: string, results: Result[]): Table {
  const {title, columns, cells, variant} = TABLES[question] as unknown as Tabled<Q>;
  const all = results as ResultOf<Q>[];
  const variantOf = (result: ResultOf<Q>) => variant?.(result) ?? '';
  const variants = [...new Set(all.map(variantOf))];
  const rows = variants.flatMap(name => {
    const same = all.filter(result => variantOf(result) === name);
    const base = same.find(({way}) => way === BASE);
    return same.map(result => [`${name} ${result.way}`.trim(), ...cells(result, base)]);
  });
  return {title: `${title} (server: ${server})`, columns: ['path', ...columns], rows};
}

function summaryCells(ms: Summary | undefined, keys: (keyof Summary)[]): string[] {
  return keys.map(key => (ms === undefined ? '–' : milliseconds(ms[key])));
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

function mebibytes(value = Number.NaN): string {
  const mib = value / 1024 ** 2;
  return `${mib < 100 ? mib.toFixed(1) : mib.toFixed(0)} MiB`;
}
