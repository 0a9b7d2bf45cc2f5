// needs: zsh, fish
/** The completion scripts in the shells they are for, as a person has them after a Tab. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {DIST} from '../../../linux/helper-command.ts';
import {startTwin, type Twin} from '../twin.ts';

let twin: Twin;

test.before(async () => {
  twin = await startTwin({});
  const bin = join(twin.home, '.local/bin');
  mkdirSync(bin, {recursive: true});
  const launcher = `#!/bin/sh\nexec '${process.execPath}' '${join(DIST, 'wslagent.mjs')}' "$@"\n`;
  writeFileSync(join(bin, 'wslagent'), launcher, {mode: 0o755});
});

test.after.always(async () => {
  await twin?.stop();
});

/** Runs a script, with `wslagent` on PATH, and gives what it prints. */
async function prints(shell: string, script: string): Promise<string> {
  const file = join(twin.home, `script.${shell}`);
  writeFileSync(file, script);
  const env = {PATH: `${join(twin.home, '.local/bin')}:${twin.env.PATH}`, SHELL: '/bin/other'};
  return (await twin.run(shell, shell === 'zsh' ? ['-f', file] : [file], {env})).stdout.trim();
}

/** Lines, the last word of which is to be completed, and what it becomes. */
const LINES = [
  ['wslagent ins', 'install'],
  ['wslagent relay --sh', '--sharing'],
  ['wslagent relay --sharing ov', 'overflow'],
  ['wslagent env tc', 'tcsh'],
  ['wslagent completion z', 'zsh'],
] as const;

test.serial('bash', async t => {
  const tries = LINES.map(
    ([line]) =>
      `COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _wslagent; echo "\${COMPREPLY[*]}"\n`,
  );
  const said = await prints(
    'bash',
    `eval "$(wslagent completion bash)"\n${tries.join('')}complete -p wslagent\n`,
  );
  t.deepEqual(
    said.split('\n').slice(0, LINES.length),
    LINES.map(([, word]) => word),
  );
  t.regex(said, /complete .*-F _wslagent wslagent$/);
});

test.serial('zsh, after a Tab that is typed', async t => {
  const tries = LINES.map(([line, word]) =>
    [
      `zpty -w -n z '${line}'$'\\t'`,
      `zpty -r -m z out '*${word} *' && print -r -- '${word}'`,
      `zpty -w -n z $'\\x15'`,
    ].join('\n'),
  );
  const said = await prints(
    'zsh',
    `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'autoload -U compinit; compinit -u -D; eval "$(wslagent completion zsh)"; print -r LOADED$((1+1))'
zpty -r -m z out '*LOADED2*'
${tries.join('\n')}
zpty -d z
`,
  );
  t.deepEqual(
    said.split('\n'),
    LINES.map(([, word]) => word),
  );
});

test.serial('fish, with what each word does', async t => {
  const tries = LINES.map(([line]) => `complete -C '${line}'\n`);
  const said = await prints(
    'fish',
    `wslagent completion fish | source\n${tries.join('')}cd ${DIST}; complete -C 'wslagent s'; complete -C 'wslagent relay --listen SHA'\n`,
  );
  const [first = '', ...rest] = said.split('\n');
  t.regex(first, /^install\tput the helper on the Windows side/);
  t.deepEqual(
    rest.map(line => line.split('\t')[0]),
    [...LINES.slice(1).map(([, word]) => word), 'status', 'SHA256SUMS'],
  );
});
