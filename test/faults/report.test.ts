import test from 'ava';
import {asText, combined, withTable} from './report.ts';
import type {Part, Run} from './run.ts';

const PAGE = `# Page\n<!-- faults: from here on written by npm run faults -- --docs -->\nold\n<!-- faults: up to here -->\nend\n`;

function part(name: string, lost: number, findings: string[] = []): Part {
  const line = {what: `${name} | done`, tried: 12_000, lost, left: 0, seen: 'seen'};
  return {name, where: 'here', seconds: 3, quick: false, seed: 4, lines: [line], findings};
}

function run(...parts: Part[]): Run {
  const machine = {cpu: 'a cpu', cores: 2, memory: 1024 ** 3, kernel: '6.1'};
  return {
    date: '2026-01-02T03:04',
    commit: 'abc',
    changed: false,
    machine,
    versions: {node: '22'},
    parts,
    leftOut: [],
  };
}

test('of a question that was asked more than once, the last answer counts', t => {
  const all = combined([run(part('a', 1), part('b', 0)), run(part('a', 0))]);
  t.deepEqual(
    all.parts.map(({name, lines}) => [name, lines[0]?.lost]),
    [
      ['a', 0],
      ['b', 0],
    ],
  );
});

test('the page has a row for each line, and what was found without a stack', t => {
  const findings = ['seed 4: it broke\n    at /home/somebody/x.ts:1:2', 'two', 'three', 'four', 'five'];
  const page = withTable(PAGE, run(part('a', 1, findings)));
  t.true(page.includes('| a \\| done | 12,000 | **1** | 0 | seen |'));
  t.true(page.includes('\n- seed 4: it broke\n- two\n- three\n- a (here): 2 more\n'));
  t.false(page.includes('old') || page.includes('somebody'));
  t.true(page.startsWith('# Page\n') && page.endsWith('<!-- faults: up to here -->\nend\n'));
  t.true(withTable(page, run(part('b', 0))).includes('Nothing was found that breaks a promise.'));
  t.throws(() => withTable('# Other\n', run()));
});

test('the text names the seed, and what has faults', t => {
  const text = asText(run(part('a', 1, ['seed 4: it broke']), part('b', 0)));
  t.regex(
    text,
    /^a \(here\), 3 s, seed 4: FAULTS\n {2}a \| done: tried 12,000, lost 1, left 0; seen\n {2}✘ seed 4/,
  );
  t.regex(text, /\nb \(here\), 3 s, seed 4\n/);
});
