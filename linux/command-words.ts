import {dirname} from 'node:path';
import {shellWord} from '../shared/text.ts';
import {UserError} from './errors.ts';
import {DIST} from './helper-command.ts';

/** Options that stand alone, without a command. */
const ALONE = ['--help', '-h', '--version'];

/**
 * The words as yargs is to read them. `help status` is `status --help`; `--` says that no option follows, and no word
 * of ours begins with a dash. Throws UserError for a line that does not begin with one of the commands, with the
 * command that does what its word is called in other programs.
 */
export function readWords(words: readonly string[], commands: readonly string[]): string[] {
  if (words[0] === 'help') return readWords([...words.slice(1), '--help'], commands);
  const [first, ...rest] = withoutDashes(words);
  if (first === undefined) throw new UserError('no command is given', 'wslagent --help', 'usage');
  if (commands.includes(first) || ALONE.includes(first)) return [first, ...rest];
  if (first.startsWith('-'))
    throw new UserError(`no command is given before ${first}`, 'wslagent --help', 'usage');
  throw new UserError(`unknown command "${first}"`, instead(first, commands), 'usage');
}

function withoutDashes(words: readonly string[]): string[] {
  const at = words.indexOf('--');
  if (at < 0) return [...words];
  const after = words.slice(at + 1);
  const option = after.find(word => word.startsWith('-'));
  if (option !== undefined) throw new UserError(`unknown argument "${option}"`, 'wslagent --help', 'usage');
  return [...words.slice(0, at), ...after];
}

/** What to type where a person typed another word. */
function instead(word: string, commands: readonly string[]): string {
  const meant = nearest(word.toLowerCase(), commands);
  const known = ELSEWHERE.find(({names}) => names.includes(word.toLowerCase()));
  return known?.hint ?? `wslagent ${meant ?? '--help'}`;
}

/** Words that other programs have for what can be done here. */
const ELSEWHERE: readonly {names: readonly string[]; hint: string}[] = [
  {names: ['doctor', 'check', 'diagnose', 'health', 'verify', 'info', 'state'], hint: 'wslagent status'},
  {names: ['logs', 'log', 'journal', 'trace'], hint: 'journalctl --user -u wslagent.service -e'},
  {
    names: ['start', 'enable', 'on', 'up', 'setup', 'init', 'add', 'repair', 'fix'],
    hint: 'wslagent install --now',
  },
  {
    names: ['stop', 'disable', 'off', 'down'],
    hint: "systemctl --user stop 'wslagent-*.socket' wslagent.service",
  },
  {names: ['restart', 'reload'], hint: 'systemctl --user restart wslagent.service'},
  {names: ['remove', 'delete', 'purge', 'rm'], hint: 'wslagent uninstall'},
  {names: ['list', 'ls', 'show', 'config', 'sockets'], hint: 'wslagent endpoints'},
  {names: ['keys', 'key', 'identities'], hint: 'ssh-add -l'},
  {names: ['agents', 'scan', 'find', 'discover', 'targets'], hint: 'wslagent probe'},
  {names: ['version'], hint: 'wslagent --version'},
  {names: ['update', 'upgrade'], hint: `cd ${shellWord(dirname(DIST))} && git pull && npm start`},
  {names: ['run', 'serve', 'daemon', 'listen', 'connect'], hint: 'wslagent relay --help'},
  {names: ['shell', 'environment', 'export'], hint: 'wslagent env'},
  {names: ['test', 'try', 'demo', 'prove'], hint: 'wslagent trial'},
  {names: ['benchmark', 'measure', 'speed', 'ping', 'perf'], hint: 'wslagent bench'},
  {names: ['completions', 'complete'], hint: 'wslagent completion --help'},
];

/** The command that is meant, when at most a third of the word is mistyped. */
function nearest(word: string, commands: readonly string[]): string | undefined {
  const [best] = commands
    .map(name => ({name, edits: name.startsWith(word) ? 0 : editsBetween(word, name)}))
    .filter(({name, edits}) => word.length > 1 && edits <= Math.ceil(name.length / 3))
    .sort((a, b) => a.edits - b.edits);
  return best?.name;
}

/** Letters to add, drop, change or swap with their neighbour until one word is the other (Damerau and Levenshtein). */
function editsBetween(from: string, to: string): number {
  let last: number[] = [];
  let row = Array.from({length: to.length + 1}, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped =
        from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? (last[j - 2] ?? Infinity) + 1 : Infinity;
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same, swapped);
    }
    [last, row] = [row, next];
  }
  return row[to.length] ?? 0;
}
