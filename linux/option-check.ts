import {parseArgs} from 'node:util';
import {UserError} from './errors.ts';

/** What yargs knows of a command's options, by their names (its `getOptions()` and `getGroups()`). */
export type KnownOptions = {
  key: Record<string, unknown>;
  alias: Record<string, readonly string[]>;
  boolean: readonly string[];
  number: readonly string[];
  array: readonly string[];
  choices: Record<string, readonly string[]>;
  /** Those of `key` that are written without a name. */
  positionals: readonly string[];
};

/** Options that yargs answers itself, however often they are asked. */
const ANSWERS = ['help', 'version'];

type Option = {name: string; short: string | undefined; takesArgument: boolean};

/**
 * Refuses every option that is not known, lacks its argument, has one that it does not take, is empty, no number, none
 * of its choices, or given twice where it is no list. yargs makes lists, NaN and exceptions of these, so each command
 * would have to look for itself. `words` are all of the command line; `command` is the one they are for. Throws UserError.
 */
export function checkOptions(words: readonly string[], known: KnownOptions, command: string): void {
  const wrong = (message: string): never => {
    throw new UserError(message, `wslagent ${command === '' ? '' : `${command} `}--help`, 'usage');
  };
  const options = optionsOf(known);
  const seen = new Set<string>();
  for (const token of tokensOf(words, options)) {
    if (token.kind !== 'option') continue;
    const {rawName, value} = token;
    const option = find(options, token.name) ?? wrong(`unknown option ${rawName}`);
    if (seen.has(option.name) && !known.array.includes(option.name) && !ANSWERS.includes(option.name))
      wrong(`--${option.name} is given twice, and there can be only one`);
    seen.add(option.name);
    const isOff = token.name !== option.name;
    if (!option.takesArgument) {
      if (value !== undefined && (isOff || !['true', 'false'].includes(value)))
        wrong(`${rawName} takes no argument, and got "${value}"`);
    } else {
      // a word that begins with a dash is the next option, unless it is attached or a number
      const isNext = value?.startsWith('-') && !token.inlineValue && !/^-\d/.test(value);
      if (value === undefined || isNext) return wrong(`${rawName} needs an argument`);
      checkValue(rawName, value, option.name, known, wrong);
    }
  }
}

function checkValue(
  rawName: string,
  value: string,
  name: string,
  {number, choices}: KnownOptions,
  wrong: (message: string) => never,
): void {
  if (value === '') wrong(`${rawName} is empty`);
  if (number.includes(name) && !/^-?\d+(\.\d+)?$/.test(value))
    wrong(`${rawName} takes a number, and got "${value}"`);
  const allowed = choices[name];
  if (allowed !== undefined && !allowed.includes(value))
    wrong(`${rawName} takes one of ${allowed.join(', ')}, and got "${value}"`);
}

function optionsOf({key, alias, boolean, positionals}: KnownOptions): Option[] {
  return (
    Object.keys(key)
      // a name of one letter is another's short form
      .filter(name => name.length > 1 && !positionals.includes(name))
      .map(name => ({
        name,
        short: alias[name]?.find(other => other.length === 1),
        takesArgument: !boolean.includes(name),
      }))
  );
}

/** The option of that name, or the one that `--no-NAME` switches off. */
function find(options: readonly Option[], name: string): Option | undefined {
  return options.find(
    option => option.name === name || (!option.takesArgument && `no-${option.name}` === name),
  );
}

function tokensOf(words: readonly string[], options: readonly Option[]) {
  const described = options.map(({name, short, takesArgument}) => [
    name,
    {type: takesArgument ? 'string' : 'boolean', ...(short === undefined ? {} : {short})} as const,
  ]);
  return parseArgs({
    args: [...words],
    options: Object.fromEntries(described),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}
