import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import yargs from 'yargs';
import {COMMANDS, knownOptions, runCli} from '../../linux/cli.ts';
import {UserError} from '../../linux/errors.ts';
import type {KnownOptions} from '../../linux/option-check.ts';

// should a wrong command line be run all the same, it finds nothing of the tester's
const folder = mkdtempSync(join(tmpdir(), 'wslagent-options-'));
Object.assign(process.env, {HOME: folder, XDG_RUNTIME_DIR: folder});
for (const name of ['XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'WSLAGENT_HELPER']) delete process.env[name];
test.after.always(() => rmSync(folder, {recursive: true}));

type Case = {command: string; option: string; known: KnownOptions};

/** Every option of every command, as yargs itself knows them. */
const cases: Case[] = COMMANDS.flatMap(module => {
  const parser = yargs();
  if (typeof module.builder === 'function') module.builder(parser);
  const known = knownOptions(parser);
  return Object.keys(known.key)
    .filter(
      option =>
        option.length > 1 && !known.positionals.includes(option) && !['help', 'version'].includes(option),
    )
    .map(option => ({command: String(module.command).replace(/ .*/, ''), option, known}));
});
const takesArgument = ({option, known}: Case) => !known.boolean.includes(option);
const isList = ({option, known}: Case) => known.array.includes(option);
const valueFor = ({option, known}: Case) =>
  known.choices[option]?.[0] ?? (known.number.includes(option) ? '1' : 'pipe:x');

async function isUsageError(t: ExecutionContext, words: string[], message: RegExp): Promise<void> {
  const error = await t.throwsAsync(runCli(words), {instanceOf: UserError, message}, words.join(' '));
  t.is(error?.exit, 'usage');
  t.is(error?.hint, `wslagent ${words[0]} --help`);
}

test('there are options of every kind', t => {
  t.true(cases.length >= 20);
  t.true(cases.some(takesArgument) && cases.some(isList));
  t.true(cases.some(({option, known}) => known.number.includes(option)));
});

for (const one of cases.filter(takesArgument)) {
  const {command, option, known} = one;
  const name = `--${option}`;
  test.serial(`${command} ${name} without its argument, or with one that cannot be`, async t => {
    await isUsageError(t, [command, name], new RegExp(`^${name} needs an argument$`));
    await isUsageError(t, [command, name, '--help'], new RegExp(`^${name} needs an argument$`));
    await isUsageError(t, [command, `${name}=`], new RegExp(`^${name} is empty$`));
    await isUsageError(t, [command, name, ''], new RegExp(`^${name} is empty$`));
    await isUsageError(t, [command, `--no-${option}`], new RegExp(`^unknown option --no-${option}$`));
    if (known.choices[option] !== undefined)
      await isUsageError(t, [command, name, 'nope'], /takes one of .*, and got "nope"$/);
    if (known.number.includes(option))
      for (const text of ['nope', '1x', '0x1', '1e9', 'Infinity', ' '])
        await isUsageError(t, [command, name, text], /takes a number, and got /);
  });
}

for (const one of cases.filter(one => !takesArgument(one))) {
  const {command, option} = one;
  test.serial(`${command} --${option} with an argument`, async t => {
    for (const text of ['', 'maybe', '1'])
      await isUsageError(t, [command, `--${option}=${text}`], new RegExp(`^--${option} takes no argument`));
  });
}

for (const one of cases.filter(one => !isList(one))) {
  const {command, option, known} = one;
  test.serial(`${command} --${option} given twice`, async t => {
    const words = takesArgument(one) ? [`--${option}`, valueFor(one)] : [`--${option}`];
    const twice = new RegExp(`^--${option} is given twice`);
    await isUsageError(t, [command, ...words, ...words], twice);
    if (!takesArgument(one)) await isUsageError(t, [command, ...words, `--no-${option}`], twice);
    const short = known.alias[option]?.find(alias => alias.length === 1);
    if (short !== undefined) {
      await isUsageError(t, [command, ...words, `-${short}`], twice);
      await isUsageError(t, [command, `-${short}${short}`], twice);
    }
  });
}

for (const command of COMMANDS.map(module => String(module.command).replace(/ .*/, '')))
  test.serial(`${command} with an option that nobody knows`, async t => {
    for (const option of ['--nope', '-Z', '--nope=1', '--no-nope', '--__proto__', '--constructor', '--$0'])
      await isUsageError(t, [command, option], /^unknown option /);
    await t.throwsAsync(runCli([command, '--', '--nope']), {
      instanceOf: UserError,
      message: 'unknown argument "--nope"',
    });
  });

for (const [words, extra] of [
  [['status', '--', 'extra'], 'extra'],
  [['status', 'extra'], 'extra'],
  [['env', 'fish', 'zsh'], 'zsh'],
  [['completion', 'zsh', '--', 'more'], 'more'],
] as const)
  test.serial(`a word too many: ${words.join(' ')}`, async t => {
    await isUsageError(t, [...words], new RegExp(`^unknown argument: ${extra}$`));
  });

test.serial('what follows -- is taken as it is written', async t => {
  await t.throwsAsync(runCli(['install', '--', 'nope']), {message: 'unknown endpoint "nope"'});
});
