import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import test from 'ava';
import {parse} from 'smol-toml';
import * as v from 'valibot';
import {configSchema} from '../linux/config/schema.ts';
import {BUILT_IN_ENDPOINTS} from '../shared/endpoint.ts';
import {EXIT_CODES} from '../shared/exit-codes.ts';
import {FAILURE_CODES} from '../shared/failure.ts';
import {FRAME_TYPES} from '../shared/protocol/frames.ts';
import {CREDIT_STEP, INITIAL_CREDIT, PAYLOAD_MAX} from '../shared/protocol/limits.ts';
import {isTargetError, parseTarget} from '../shared/target.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('the README has the table of exit codes as the programs use it', t => {
  const rows = Object.values(EXIT_CODES).map(({code, meaning}) => `| ${code} | ${meaning} |`);
  t.true(read('README.md').includes(`| exit code | meaning |\n| --- | --- |\n${rows.join('\n')}\n\n`));
});

/** Failures that are never sent. */
const MADE_BY_THE_RELAY = new Set(['helperUnusable', 'helperDied', 'helperMismatch']);

test('the protocol page has the numbers of the code', t => {
  const page = read('docs/protocol.md');
  for (const [name, code] of Object.entries(FRAME_TYPES))
    t.true(page.includes(`| ${code} | ${name.toUpperCase()} |`), name);
  for (const [name, code] of Object.entries(FAILURE_CODES))
    if (!MADE_BY_THE_RELAY.has(name)) t.true(page.includes(`| ${code} | ${name} |`), name);
  for (const number of [PAYLOAD_MAX, INITIAL_CREDIT, CREDIT_STEP])
    t.true(page.includes(String(number)), String(number));
});

test('the configuration page lists the built-in endpoints with their targets', t => {
  const page = read('docs/configuration.md');
  for (const [name, {protocol, targets}] of Object.entries(BUILT_IN_ENDPOINTS))
    t.true(page.includes(`| \`${name}\` | ${protocol} | \`${targets[0]}\` |`), name);
});

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'), {recursive: true, encoding: 'utf8'}).map(name => `docs/${name}`),
].filter(name => name.endsWith('.md'));

test('links between documents lead somewhere', t => {
  for (const page of PAGES)
    for (const [, link = '', place] of read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const file = link === '' ? page : join(dirname(page), link);
      t.notThrows(() => readFileSync(join(root, file)), `${page}: ${link}`);
      if (place !== undefined) t.true(places(read(file)).includes(place), `${page}: ${link}#${place}`);
    }
});

/** The names under which a page's headings can be linked to. */
function places(text: string): string[] {
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** What somebody with one of these agents wants to know, in this order. */
const PARTS = ['What to switch on', 'The endpoint', 'How to check', 'What is known'];

test('the pages of agents have the same parts, say what was tried, and are listed', t => {
  const index = 'docs/agents/README.md';
  const pages = PAGES.filter(page => page.startsWith('docs/agents/') && page !== index);
  t.true(pages.length > 0);
  for (const page of pages) {
    const text = read(page);
    t.deepEqual(
      Array.from(text.matchAll(/^## (.+)$/gm), ([, heading]) => heading),
      PARTS,
      page,
    );
    t.regex(text, /^Tried: /m, page);
    t.true(read(index).includes(`](${page.slice('docs/agents/'.length)}) |`), page);
  }
});

test('configurations that documents show are valid', t => {
  const blocks = PAGES.flatMap(page =>
    Array.from(read(page).matchAll(/^ *```toml\n(.*?)^ *```$/gms), ([, toml = '']) => ({page, toml})),
  );
  t.true(blocks.length > 0);
  for (const {page, toml} of blocks)
    t.notThrows(() => v.parse(configSchema, parse(toml)), `${page}: ${toml}`);
});

test('targets that documents show can be written so', t => {
  const shown = PAGES.flatMap(page =>
    Array.from(read(page).matchAll(/\btargets = \[[^\]]*\]/g), ([line]) => ({page, line})),
  );
  t.true(shown.length > 0);
  for (const {page, line} of shown)
    for (const target of parse(line).targets as string[]) {
      const parsed = parseTarget(target);
      t.false(isTargetError(parsed), `${page}: ${target}: ${JSON.stringify(parsed)}`);
    }
});
