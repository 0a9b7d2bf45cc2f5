import {parseArgs} from 'node:util';
import {runInstallMatrix} from './matrix.ts';

const {values} = parseArgs({
  options: {
    every: {type: 'string', default: '1'},
    offset: {type: 'string', default: '0'},
    only: {type: 'string', multiple: true},
  },
});
const t = performance.now();
const r = await runInstallMatrix({
  every: Number(values.every),
  offset: Number(values.offset),
  ...(values.only ? {journeys: values.only} : {}),
  report: l => console.log(l),
});
console.table(r.lines);
console.log(r.findings.map(x => x.slice(0, 700)).join('\n'));
console.log(
  r.findings.length,
  'findings',
  Math.round((performance.now() - t) / 1000),
  's',
  r.lines.reduce((a, l) => a + l.tried, 0),
);
