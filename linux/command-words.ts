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
  const known = ELSEWHERE.find(([names]) => names.includes(word.toLowerCase()))?.[1];
  if (known !== undefined) return typeof known === 'string' ? known : known();
  return `wslagent ${meant ?? '--help'}`;
}

/** Words that other programs have for what can be done here. */
const ELSEWHERE: readonly (readonly [names: readonly string[], line: string | (() => string)])[] = [
  [['doctor', 'check', 'diagnose', 'health', 'verify', 'info', 'state'], 'wslagent status'],
  [['logs', 'log', 'journal', 'trace'], 'journalctl --user -u wslagent.service -e'],
  [['start', 'enable', 'on', 'up', 'setup', 'init', 'add', 'repair', 'fix'], 'wslagent install --now'],
  [['stop', 'disable', 'off', 'down'], "systemctl --user stop 'wslagent-*.socket' wslagent.service"],
  [['restart', 'reload'], 'systemctl --user restart wslagent.service'],
  [['remove', 'delete', 'purge', 'rm'], 'wslagent uninstall'],
  [['list', 'ls', 'show', 'config', 'sockets'], 'wslagent endpoints'],
  [['keys', 'key', 'identities'], 'ssh-add -l'],
  [['agents', 'scan', 'find', 'discover', 'targets'], 'wslagent probe'],
  [['version'], 'wslagent --version'],
  [['update', 'upgrade'], () => `cd ${shellWord(dirname(DIST))} && git pull && npm start`],
  [['run', 'serve', 'daemon', 'listen', 'connect'], 'wslagent relay --help'],
  [['shell', 'environment', 'export'], 'wslagent env'],
  [['test', 'try', 'demo', 'prove'], 'wslagent trial'],
  [['benchmark', 'measure', 'speed', 'ping', 'perf'], 'wslagent bench'],
  [['completions', 'complete'], 'wslagent completion --help'],
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
