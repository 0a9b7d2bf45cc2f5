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
  const options = optionsOf(known);
  const seen = new Set<string>();
  for (const token of tokensOf(words, options)) {
    if (token.kind !== 'option') continue;
    const option = find(options, token.name);
    const message =
      option === undefined
        ? `unknown option ${token.rawName}`
        : (repeated(option, seen, known) ?? faultOf(option, token, known));
    if (message !== undefined)
      throw new UserError(message, `wslagent ${command === '' ? '' : `${command} `}--help`, 'usage');
  }
}

function repeated({name}: Option, seen: Set<string>, {array}: KnownOptions): string | undefined {
  if (seen.has(name) && !array.includes(name) && !ANSWERS.includes(name))
    return `--${name} is given twice, and there can be only one`;
  seen.add(name);
  return undefined;
}

/** `value` is undefined where there is none; `inlineValue` says that it is attached, as in --name=value. */
type OptionToken = {
  name: string;
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
};

function faultOf({name, takesArgument}: Option, token: OptionToken, known: KnownOptions): string | undefined {
  const {rawName, value, inlineValue} = token;
  if (!takesArgument) {
    const fits = value === undefined || (token.name === name && ['true', 'false'].includes(value));
    return fits ? undefined : `${rawName} takes no argument, and got "${value}"`;
  }
  // a word that begins with a dash is the next option, unless it is attached or a number
  if (value === undefined || (value.startsWith('-') && !inlineValue && !/^-\d/.test(value)))
    return `${rawName} needs an argument`;
  if (value === '') return `${rawName} is empty`;
  if (known.number.includes(name) && !/^-?\d+(\.\d+)?$/.test(value))
    return `${rawName} takes a number, and got "${value}"`;
  const choices = known.choices[name];
  return choices === undefined || choices.includes(value)
    ? undefined
    : `${rawName} takes one of ${choices.join(', ')}, and got "${value}"`;
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
