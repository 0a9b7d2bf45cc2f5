/** npiperelay's flags (albertony/npiperelay 1.8) and ours, in the order of the usage text, which is the alphabet's. */
export const FLAGS = {
  a: 'TARGET is the socket file of a GnuPG program, not a pipe',
  bg: 'hide the console window',
  ei: 'leave when stdin ends, without waiting for an answer',
  ep: 'leave when the pipe ends, although stdin goes on',
  l: 'with -p: give up after 300 retries, one minute',
  p: 'retry every 200 ms while the pipe is absent or busy; without it there is one attempt',
  s: 'send an empty message when stdin ends, which servers of message pipes take for the end',
  'trust-any-owner': 'accept a pipe that belongs to another user (not a flag of npiperelay)',
  v: 'say on stderr what happens',
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

/** The usage text in the shape that Go gives it: the words of a one-letter flag stand on the flag's line. */
export function usage(header: readonly string[]): string {
  const lines = Object.entries(FLAGS).map(([name, words]) =>
    name.length === 1 ? `  -${name}\t${words}` : `  -${name}\n    \t${words}`,
  );
  return [...header, '', 'usage:', ...lines].join('\n');
}
