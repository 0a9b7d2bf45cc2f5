import fs from 'node:fs/promises';
import test from 'ava';
import fc from 'fast-check';
import {type CommandLine, FLAGS, type Flag, parseFlags} from '../../windows/npiperelay/flags.ts';
import {outcome, startHelper} from './harness.ts';

// Points of docs/npiperelay.md: 1.

const run = (target: string, ...flags: Flag[]): CommandLine => ({kind: 'run', flags: new Set(flags), target});
const wrong = (message: string): CommandLine => ({kind: 'wrong', message});

const lines: [string[], CommandLine][] = [
  [['//./pipe/x'], run('//./pipe/x')],
  [['-ei', '-s', '//./pipe/x'], run('//./pipe/x', 'ei', 's')],
  [['--ep', '-p', '-l', '-v', 'x'], run('x', 'ep', 'p', 'l', 'v')],
  [['-ep', '-ei', '-s', '-a', 'C:/x'], run('C:/x', 'ep', 'ei', 's', 'a')],
  [['-p', '-l', '-bg', 'x'], run('x', 'p', 'l', 'bg')],
  [['--trust-any-owner', 'x'], run('x', 'trust-any-owner')],
  [['-trust-any-owner', 'x'], run('x', 'trust-any-owner')],
  [['-p=false', '-v=T', '--ei=1', 'x'], run('x', 'v', 'ei')],
  [['-a=TRUE', '-bg=t', '-s=True', '-ep=F', '-l=FALSE', '-p=f', '-v=False', 'x'], run('x', 'a', 'bg', 's')],
  [['-p', '-p=0', 'x'], run('x')],
  [['-p', 'false'], run('false', 'p')],
  [['-p', '--', '-v'], run('-v', 'p')],
  [['-'], run('-')],
  [['-p', 'x', '-v'], {kind: 'count'}],
  [['x', 'y'], {kind: 'count'}],
  [['-p'], {kind: 'count'}],
  [[], {kind: 'count'}],
  [['-v', '-h'], {kind: 'help'}],
  [['--help'], {kind: 'help'}],
  [['-help', '-zz'], {kind: 'help'}],
  [['-eis', 'x'], wrong('flag provided but not defined: -eis')],
  [['-zz', 'x'], wrong('flag provided but not defined: -zz')],
  [['-w', 'x'], wrong('flag provided but not defined: -w')],
  [['-EI', 'x'], wrong('flag provided but not defined: -EI')],
  [['-p=maybe', 'x'], wrong('invalid boolean value "maybe" for -p: parse error')],
  [['-a=', 'x'], wrong('invalid boolean value "" for -a: parse error')],
  [['---p', 'x'], wrong('bad flag syntax: ---p')],
  [['-=x', 'x'], wrong('bad flag syntax: -=x')],
];
for (const [args, expected] of lines)
  test(`point 1: ${JSON.stringify(args)}`, t => {
    t.deepEqual(parseFlags(args), expected);
  });

test('point 1: no command line throws', t => {
  fc.assert(
    fc.property(fc.array(fc.string()), args => {
      t.truthy(parseFlags(args).kind);
    }),
  );
});

const CODES: [string[], number, RegExp][] = [
  [['-v', '-h'], 0, /^wslagent-helper v/],
  [['-p'], 1, /^wslagent-helper v/],
  [['//./pipe/x', '-ei'], 1, /^wslagent-helper v/],
  [['-zz', '//./pipe/x'], 2, /^flag provided but not defined: -zz\nwslagent-helper v/],
  [['-p=x', '//./pipe/x'], 2, /^invalid boolean value "x" for -p: parse error\nwslagent-helper v/],
];
for (const [args, expected, begin] of CODES)
  test.serial(`point 1: ${args.join(' ')} leaves with ${expected}, and usage on stderr`, async t => {
    const {code, stdout, stderr} = await outcome(startHelper(t, args));
    t.is(code, expected);
    t.is(stdout.length, 0);
    t.regex(stderr, begin);
    const [, usage = ''] = stderr.split('\n\nusage:\n');
    t.deepEqual(
      [...usage.matchAll(/^ {2}-(\S+)(?:\t|\n {4}\t)\S/gm)].map(([, name]) => name),
      Object.keys(FLAGS).sort(),
    );
  });

test('the page on replacing npiperelay has every flag', async t => {
  const page = await fs.readFile(new URL('../../docs/npiperelay.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `-([a-z-]+)` \| \S/gm)].map(([, name]) => name);
  t.deepEqual(rows, Object.keys(FLAGS));
});
