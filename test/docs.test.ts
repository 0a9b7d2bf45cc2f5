import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import test from 'ava';
import {BUILT_IN_ENDPOINTS} from '../shared/endpoint.ts';
import {EXIT_CODES} from '../shared/exit-codes.ts';
import {FAILURE_CODES} from '../shared/failure.ts';
import {FRAME_TYPES} from '../shared/protocol/frames.ts';
import {CREDIT_STEP, INITIAL_CREDIT, PAYLOAD_MAX} from '../shared/protocol/limits.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('the README has the table of exit codes as the programs use it', t => {
  const rows = Object.values(EXIT_CODES).map(({code, meaning}) => `| ${code} | ${meaning} |`);
  t.true(read('README.md').includes(`| exit code | meaning |\n| --- | --- |\n${rows.join('\n')}\n\n`));
});

test('the protocol page has the numbers of the code', t => {
  const page = read('docs/protocol.md');
  for (const [name, code] of Object.entries(FRAME_TYPES))
    t.true(page.includes(`| ${code} | ${name.toUpperCase()} |`), name);
  for (const [name, code] of Object.entries(FAILURE_CODES))
    if (code < FAILURE_CODES.helperUnusable) t.true(page.includes(`| ${code} | ${name} |`), name);
  for (const number of [PAYLOAD_MAX, INITIAL_CREDIT, CREDIT_STEP])
    t.true(page.includes(String(number)), String(number));
});

test('the configuration page lists the built-in endpoints with their targets', t => {
  const page = read('docs/configuration.md');
  for (const [name, {protocol, targets}] of Object.entries(BUILT_IN_ENDPOINTS))
    t.true(page.includes(`| \`${name}\` | ${protocol} | \`${targets[0]}\` |`), name);
});

test('links between documents lead somewhere', t => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`),
  ];
  for (const page of pages.filter(name => name.endsWith('.md')))
    for (const [, link = ''] of read(page).matchAll(/\]\((?!https?:)([^)#]+)/g))
      t.notThrows(() => readFileSync(join(root, dirname(page), link)), `${page}: ${link}`);
});
