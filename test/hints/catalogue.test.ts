import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {hintLines} from '../../shared/hint.ts';
import {COMMANDS, SENTENCES} from './catalogue.ts';
import {type FoundLine, findHints} from './find.ts';

const ROOT = join(import.meta.dirname, '../..');
const TESTS = join(ROOT, 'test');
const ADVICE = 'say in test/hints/catalogue.ts how it is known to help';

let found: FoundLine[];
test.before(t => {
  t.timeout(120_000);
  found = findHints();
});

test('every line of a hint is typed by a test, or is a sentence', t => {
  t.true(found.length > 100);
  for (const {file, line} of found)
    t.true(SENTENCES.includes(line) || COMMANDS[file]?.[line] !== undefined, `${file}: ${line}: ${ADVICE}`);
});

test('a person sees what is to be typed as the catalogue has it', t => {
  for (const line of SENTENCES) {
    t.false(hintLines(line)[0]?.typed, line);
    // a command inside a sentence is typed with the words around it
    t.notRegex(
      line,
      /: (wslagent|wsl\.exe|systemctl|journalctl|ssh-add|ss|sudo|kill|chmod|mv|npm)( |$)|; then|, then: /,
      line,
    );
  }
  // what begins with a value is put together by the running program
  for (const [file, lines] of Object.entries(COMMANDS))
    for (const line of Object.keys(lines))
      if (!line.startsWith('…')) {
        t.true(hintLines(line)[0]?.typed, `${file}: ${line}`);
        t.notRegex(line, /, (then|or)\b|; /, `${file}: ${line}`);
      }
});

test('the catalogue has nothing that nobody says', t => {
  const said = (file: string, line: string) => found.some(hint => hint.file === file && hint.line === line);
  for (const [file, lines] of Object.entries(COMMANDS))
    for (const line of Object.keys(lines)) t.true(said(file, line), `${file}: ${line}`);
  for (const line of SENTENCES)
    t.true(
      found.some(hint => hint.line === line),
      line,
    );
});

test('the tests that the catalogue names are there', t => {
  const sources = readdirSync(TESTS, {recursive: true, encoding: 'utf8'})
    .filter(name => name.endsWith('.test.ts'))
    .map(name => readFileSync(join(TESTS, name), 'utf8'));
  for (const lines of Object.values(COMMANDS))
    for (const how of Object.values(lines)) {
      if (typeof how !== 'string') continue;
      // a row of a table has the end of the title
      const title = how.split(/(?:it mends|go on|shows more|the line mends): /).at(-1) ?? how;
      t.true(
        sources.some(text => text.includes(`'${title}'`) || text.includes(` ${title}\``)),
        how,
      );
    }
});

test('the scripts that hints start are there', t => {
  const {scripts} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {scripts: object};
  for (const name of ['build', 'twin']) t.true(name in scripts, name);
});
