import test from 'ava';
import {comparison} from './report/compare.ts';
import {resultPlot, withResults} from './report/docs.ts';
import {figures} from './report/figures.ts';
import {plot} from './report/plot.ts';
import {parseRun, type Run} from './report/schema.ts';
import {resultTables} from './report/tables.ts';
import {asMarkdown, asText} from './report/text.ts';
import {resultsOf, sampleRun} from './sample-run.ts';
import {USUAL_WAYS, WAYS} from './ways/ways.ts';

test('a run is read back as it was written', t => {
  const run = sampleRun();
  t.deepEqual(parseRun(JSON.stringify(run)), run);
});

for (const [title, change] of [
  ['another format', {format: 2}],
  ['a field that nobody knows', {host: 'a name'}],
  ['a date that is none', {date: 'yesterday'}],
  ['a question that nobody asked', {results: [{...resultsOf('wslagent', 1)[0], question: 'last'}]}],
  ['a time below zero', {seconds: -1}],
] as const)
  test(`refused as results: ${title}`, t => {
    t.throws(() => parseRun(JSON.stringify({...sampleRun(), ...change})));
  });

test('a row for each way, with its ratio to npiperelay', t => {
  const [first, burst, held, long, rates, cpu, wineserver, left] = resultTables(sampleRun());
  t.regex(first?.title ?? '', /^warm, one after another.*\(server: nothing\)$/);
  t.deepEqual(first?.rows, [
    ['wslagent', '2.00 ms', '3.00 ms', '3.00 ms', '1.00 ms', '3', '0', '0.10x'],
    ['npiperelay', '20.0 ms', '30.0 ms', '30.0 ms', '10.0 ms', '3', '0', '1.00x'],
  ]);
  t.deepEqual(burst?.rows[0], ['20 wslagent', '2.00 ms', '3.00 ms', '3', '1 of 60', '0.10x']);
  t.deepEqual(held?.rows[0]?.slice(1, 5), ['1 + 1', '12.0 MiB', '4.0 MiB', '5.0 MiB']);
  t.deepEqual(rates?.columns, ['order', 'wslagent', 'npiperelay', 'wslagent to npiperelay']);
  t.deepEqual(rates?.rows, [['in 64K x1', '100.0', '10.0', '10.00x']]);
  t.deepEqual(cpu?.rows, [['in 64K x1', '1.0 + 1.0', '10.0 + 10.0', '0.10x']]);
  t.deepEqual(wineserver?.rows, [['in 64K x1', '1.0', '1.0', '1.00x']]);
  t.deepEqual(long?.rows[0]?.slice(1), ['10000', '0', '1.0 MiB', '1.0 MiB', '40 → 40', '2 → 2', 'no']);
  t.deepEqual(left?.rows, [['plain', 'socat is not installed']]);
});

test('an order that a way could not carry out has a dash', t => {
  const results = sampleRun().results.filter(
    ({question, way}) => question === 'stream' && way === 'wslagent',
  );
  const other = {...results[0], way: 'npiperelay', write: 64} as Run['results'][number];
  const [rates] = resultTables(sampleRun({results: [...results, other], leftOut: []}));
  t.deepEqual(rates?.rows, [
    ['in 64K x1', '100.0', '–', '–'],
    ['in 64 x1', '–', '100.0', '–'],
  ]);
});

test('what nobody answered, and what has nothing to be compared with, is shown as such', t => {
  const results = [{question: 'idle', server: 'pageant', way: 'wslagent', failures: 3}] as const;
  const [table] = resultTables(sampleRun({results: [...results], leftOut: []}));
  t.deepEqual(table?.rows, [['wslagent', '–', '–', '–', '–', '0', '3', '–']]);
});

test('text has its figures under each other', t => {
  const table = {
    title: 'T',
    columns: ['path', 'p50'],
    rows: [
      ['wslagent', '1 ms'],
      ['x', '100 ms'],
    ],
  };
  t.is(asText([table]), 'T\npath         p50\n----------------\nwslagent    1 ms\nx         100 ms\n');
});

test('a table for a page', t => {
  const table = {title: 'T', columns: ['path', 'p50'], rows: [['a|b', '1 ms']]};
  t.is(asMarkdown(table, 3), '### T\n\n| path | p50 |\n| --- | ---: |\n| a\\|b | 1 ms |\n');
});

test('two runs: the ratio of what both have', t => {
  const old = sampleRun({results: resultsOf('wslagent', 2), commit: 'before'});
  const {title, rows} = comparison(old, sampleRun());
  t.regex(title, /^before .* → abcdef012 /);
  t.deepEqual(rows, [
    ['first (nothing): wslagent', '4.00 ms', '2.00 ms', '0.50x'],
    ['burst of 20 (nothing): wslagent', '4.00 ms', '2.00 ms', '0.50x'],
    ['20 held (nothing): wslagent', '8.00 MiB', '4.00 MiB', '0.50x'],
    ['stream in 64K x1 (nothing): wslagent', '50.0 MiB/s', '100 MiB/s', '2.00x'],
  ]);
});

test('a page gets the results between its marks, and again', t => {
  const page = `before
<!-- bench: from here on written by npm run bench -- --docs -->
old
<!-- bench: up to here -->
after`;
  const once = withResults(page, sampleRun());
  t.regex(once, /^before\n<!-- bench: from[\s\S]*npm run bench -- --only=first[\s\S]*up to here -->\nafter$/);
  t.false(once.includes('old'));
  t.true(
    once.includes('Slow & Steady, 2 cores, 8 GiB, Linux 6.18.0; wslagent 0.1.0, wine 8.0; commit abcdef012,'),
  );
  t.true(once.includes('| 20 wslagent | 2.00 ms |'));
  t.false(once.includes('quick run'));
  t.is(withResults(once, sampleRun()), once);
  t.true(withResults(once, sampleRun({quick: true})).includes('quick run'));
});

test('a page without marks is refused', t => {
  t.throws(() => withResults('nothing here', sampleRun()), {message: /the page has no/});
});

test('the plot has a dot for each way, within its bounds, and is well-formed', t => {
  const svg = resultPlot(sampleRun());
  const circles = [...svg.matchAll(/<circle class="(ours|other)" cx="([\d.]+)" cy="([\d.]+)"/g)];
  // of the panels four have figures here, of two ways each
  t.is(circles.length, 8);
  t.is(circles.filter(([, kind]) => kind === 'ours').length, 4);
  const [, width = '', height = ''] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  for (const [, x, y] of svg.matchAll(/ c?x1?="([\d.]+)" c?y1?="([\d.]+)"/g)) {
    t.true(Number(x) <= Number(width));
    t.true(Number(y) <= Number(height));
  }
  t.true(svg.includes('Slow &amp; Steady'));
  t.notRegex(svg, /NaN|undefined|Infinity/);
  const tags = [...svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)];
  const open: string[] = [];
  for (const [, closes, name = '', empty] of tags)
    if (closes === '/') t.is(open.pop(), name);
    else if (empty !== '/') open.push(name);
  t.deepEqual(open, []);
});

test('a plot puts larger values further to the right, ten times as much always as far', t => {
  const values = [1, 10, 100].map(value => ({what: 'w', way: `way ${value}`, value, unit: 'ms' as const}));
  const svg = plot([{title: 'T', figures: values}], 'c');
  const [a = 0, b = 0, c = 0] = Array.from(svg.matchAll(/cx="([\d.]+)"/g), ([, x]) => Number(x));
  t.true(a < b);
  t.true(Math.abs(b - a - (c - b)) < 0.2);
});

test('figures are told apart by server and variant', t => {
  const names = figures(sampleRun()).map(({what, way}) => `${what} ${way}`);
  t.is(new Set(names).size, names.length);
});

test('every way has a name of its own and a line for people', t => {
  t.is(new Set(WAYS.map(({name}) => name)).size, WAYS.length);
  for (const {name, line} of WAYS) t.true(line.length > 0, name);
  t.false(USUAL_WAYS.includes('wslagent-always'));
});
