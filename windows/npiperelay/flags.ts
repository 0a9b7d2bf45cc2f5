/** npiperelay's own words for its flags (albertony/npiperelay 1.8), for those we have. */
export const FLAGS = {
  ei: 'terminate on EOF reading from stdin, even if there is more data to write',
  ep: 'terminate on EOF reading from the pipe, even if there is more data to write',
  l: 'when polling do not poll indefinitely, fail after 300 attempts',
  p: 'poll every 200ms until the named pipe exists and is not busy',
  s: 'send a 0-byte message to the pipe after EOF on stdin',
  v: 'verbose output on stderr',
} as const;

export type Flag = keyof typeof FLAGS;

export type CommandLine =
  | {kind: 'run'; flags: ReadonlySet<Flag>; target: string}
  | {kind: 'help'}
  /** Not exactly one target: exit code 1. */
  | {kind: 'count'}
  /** exit code 2 */
  | {kind: 'wrong'; message: string};

/** What Go's strconv.ParseBool takes. */
const BOOLEANS = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map(text => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map(text => [text, false] as const),
]);

/**
 * Reads a command line as Go's flag package does: `-x`, `--x`, `-x=true`; no bundling; the first argument that is no
 * flag, or the one after `--`, ends the flags; a lone `-` is no flag.
 */
export function parseFlags(args: readonly string[]): CommandLine {
  const flags = new Set<Flag>();
  let at = 0;
  for (; at < args.length; at++) {
    const argument = args[at] ?? '';
    if (argument === '--') {
      at++;
      break;
    }
    if (!argument.startsWith('-') || argument === '-') break;
    const text = argument.replace(/^--?/, '');
    if (/^[-=]/.test(text)) return {kind: 'wrong', message: `bad flag syntax: ${argument}`};
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    if (name === 'h' || name === 'help') return {kind: 'help'};
    if (!isFlag(name)) return {kind: 'wrong', message: `flag provided but not defined: -${name}`};
    const value = equals < 0 ? 'true' : text.slice(equals + 1);
    const on = BOOLEANS.get(value);
    if (on === undefined)
      return {
        kind: 'wrong',
        message: `invalid boolean value ${JSON.stringify(value)} for -${name}: parse error`,
      };
    if (on) flags.add(name);
    else flags.delete(name);
  }
  const target = args[at];
  if (target === undefined || args.length !== at + 1) return {kind: 'count'};
  return {kind: 'run', flags, target};
}

function isFlag(name: string): name is Flag {
  return Object.hasOwn(FLAGS, name);
}

/** The usage text as Go prints it: alphabetical, the words of one-letter flags on the same line. */
export function usage(header: string): string {
  const lines = Object.entries(FLAGS).map(([name, words]) =>
    name.length === 1 ? `  -${name}\t${words}` : `  -${name}\n    \t${words}`,
  );
  return [header, '', 'usage:', ...lines].join('\n');
}
