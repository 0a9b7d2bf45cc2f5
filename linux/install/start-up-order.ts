/** Something in a start-up file that keeps our socket from a shell. `line` counts from 1. */
export type Obstacle = {line: number; kind: 'leaves' | 'sets'; text: string};

const OUR_FIRST = /^# >>> wslagent/;
const OUR_LAST = /^# <<< wslagent/;

/** `return` or `exit` as a command that nothing stands before. */
const LEAVES = /^(return|exit)\b/;

/** An assignment that stays: one before a command on its line is for that command alone. */
const ASSIGNS =
  /(^|[\s;&|{(])((export|typeset|declare|set(?!\s+-\S*q)|setenv|unset)\s+(-\S+\s+)*SSH_AUTH_SOCK(=|\s|;|$)|SSH_AUTH_SOCK=("[^"]*"|[^\s;&|]*)\s*($|[;&|]))/;

/** The words of an agent for `eval`. */
const EVALUATES =
  /\beval\b.*\b(ssh-agent|keychain|gpg-agent|gnome-keyring-daemon)\b|^(ssh-agent|keychain)\b.*\|\s*(source|\.)/;

const OPENS =
  /(?:^|[;&|]\s*|\b(?:then|do|else)\s+)(?:if|case|for|while|until|select)\b|[\w-]+\s*\(\)|^function\b|^begin\b/g;
const CLOSES = /(?:^|[;&|]\s*)(?:fi|esac|done|end)\b|^\}|;\s*\}/g;
const FUNCTION = /[\w-]+\s*\(\)|^function\b/;

/**
 * What in the text of a start-up file comes in the way: a `return` at its top level before our lines, which every shell
 * reaches, or another value for SSH_AUTH_SOCK after them. A text without our lines gets them at its end. Conditions are
 * not understood: before our lines what stands in one is left alone, such as bash's usual look whether somebody types;
 * after them only what asks for SSH_AUTH_SOCK itself, which has a value by then. Pure.
 */
export function obstacles(text: string): Obstacle[] {
  return read(text, 'before');
}

/** What in a file that is read after our lines gives SSH_AUTH_SOCK another value. Pure. */
export function laterValues(text: string): Obstacle[] {
  return read(text, 'after');
}

function read(text: string, start: 'before' | 'after'): Obstacle[] {
  const found: Obstacle[] = [];
  /** The lines that began what is open. */
  const open: string[] = [];
  let where: 'before' | 'in' | 'after' = start;
  for (const [index, raw] of text.split('\n').entries()) {
    if (OUR_FIRST.test(raw)) where = 'in';
    if (where === 'in') {
      if (OUR_LAST.test(raw)) where = 'after';
      continue;
    }
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    if (where === 'before' && open.length === 0 && LEAVES.test(line))
      found.push({line: index + 1, kind: 'leaves', text: line});
    if (where === 'after' && sets(line, open)) found.push({line: index + 1, kind: 'sets', text: line});
    const plain = line.replace(/'[^']*'|"[^"]*"/g, '""');
    for (const _ of plain.matchAll(OPENS)) open.push(line);
    for (const _ of plain.matchAll(CLOSES)) open.pop();
  }
  return found;
}

function sets(line: string, open: readonly string[]): boolean {
  const code = line.replace(/'[^']*'/g, "''");
  if (/^alias\b|wslagent/.test(code) || !(ASSIGNS.test(code) || EVALUATES.test(code))) return false;
  return ![...open, line].some(around => FUNCTION.test(around) || /\$\{?SSH_AUTH_SOCK/.test(around));
}
