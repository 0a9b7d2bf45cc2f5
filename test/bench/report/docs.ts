/** What a run puts into `docs/performance.md`, and the plot beside it. */
import {WAYS} from '../ways/ways.ts';
import {figures} from './figures.ts';
import {type Panel, plot} from './plot.ts';
import type {Run} from './schema.ts';
import {resultTables} from './tables.ts';
import {asMarkdown} from './text.ts';

const BEGIN = '<!-- bench: from here on written by npm run bench -- --docs -->';
const END = '<!-- bench: up to here -->';

/** What the plot shows, by the names of figures. */
const PANELS: readonly (readonly [what: string, title: string])[] = [
  ['first (nothing)', 'warm, connect to first answer (line: to p90)'],
  ['second (nothing)', 'second request on an open connection'],
  ['burst of 20 (nothing)', '20 at once, all done after'],
  ['burst of 200 (nothing)', '200 at once, all done after'],
  ['20 held (nothing)', '20 held, own memory of both sides'],
  ['1000 held (nothing)', '1,000 held, own memory of both sides'],
  ['stream in 64K x1 (nothing)', 'raw bytes to Windows, writes of 64 KiB (more is better)'],
  ['stream out 64K x1 (nothing)', 'raw bytes from Windows, writes of 64 KiB (more is better)'],
];

/** The page with what is between its marks replaced. Throws when it has no such marks. */
export function withResults(page: string, run: Run): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page has no "${BEGIN}" … "${END}"`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${section(run)}\n${page.slice(to)}`;
}

export function resultPlot(run: Run): string {
  const all = figures(run);
  const panels: Panel[] = PANELS.map(([name, title]) => ({
    title,
    figures: all.filter(({what}) => what === name),
  }));
  return plot(
    panels,
    `${machineLine(run)}; ${run.commit}, ${run.date.slice(0, 10)}${run.quick ? '; a quick run' : ''}`,
  );
}

function section(run: Run): string {
  const {commit, changed, date, flags, quick, seconds, results} = run;
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  const measured = WAYS.filter(({name}) => results.some(({way}) => way === name));
  const lines = measured.map(({name, line}) => [name, `\`${line}\``]);
  return [
    '```',
    `BENCH_NPIPERELAY=… npm run bench -- ${flags.join(' ')}`,
    '```',
    '',
    `${machineLine(run)}; ${versions.join(', ')}; commit ${commit}${changed ? ' with changes' : ''}, ${date.slice(0, 10)}, in ${seconds} s.`,
    ...(quick ? ['', '**This was a quick run: few samples, so take the order and not the digits.**'] : []),
    '',
    '![The main figures](performance.svg)',
    '',
    asMarkdown({title: 'the paths', columns: ['path', 'command line'], rows: lines, words: true}, 3),
    ...resultTables(run).map(table => asMarkdown(table, 3)),
  ].join('\n');
}

function machineLine({machine: {cpu, cores, memory, kernel}}: Run): string {
  return `${cpu}, ${cores} cores, ${(memory / 1024 ** 3).toFixed(0)} GiB, Linux ${kernel}`;
}
