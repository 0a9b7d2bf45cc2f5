import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {environmentItems} from '../../../linux/install/environment.ts';
import {laterValues, obstacles} from '../../../linux/install/start-up-order.ts';

const SOCKET = '/run/user/1000/wslagent/ssh.sock';
const [item] = environmentItems(SOCKET, {
  runtimeDir: '/nowhere',
  environmentDir: '/e',
  files: [{path: '/h/.bashrc', syntax: 'posix'}],
});
const OURS = item?.kind === 'lines' ? item.lines : '';
const folder = mkdtempSync(join(tmpdir(), 'wslagent-start-up-'));
test.after.always(() => rmSync(folder, {recursive: true}));

/** What a bash in which somebody types has for SSH_AUTH_SOCK after this file. */
function afterBash(text: string): string {
  const file = join(folder, 'rc');
  writeFileSync(file, text);
  const script = `source '${file}'; printf %s "\${SSH_AUTH_SOCK-}"`;
  const args = ['--norc', '--noprofile', '-i', '-c', script];
  return execFileSync('bash', args, {
    env: {PATH: process.env.PATH, HOME: folder},
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const places = (text: string) => obstacles(text).map(({line, kind}) => `${line} ${kind}`);

const DEBIAN = 'case $- in\n    *i*) ;;\n      *) return;;\nesac\n';
const harmless: [string, string][] = [
  ['nothing', OURS],
  ['what Debian and Ubuntu begin with', `${DEBIAN}${OURS}`],
  [
    'the same in one line',
    `[ -z "$PS1" ] && return\n[[ $- != *i* ]] && return\nif [ -z "$PS1" ]; then\n  return\nfi\n${OURS}`,
  ],
  ['a return in a function', `f() {\n  return 1\n}\nfunction g {\n  return\n}\n${OURS}`],
  ['a return in words', `# return\n: "return"\nreturned=1\n${OURS}`],
  ['another socket before', `export SSH_AUTH_SOCK=/other\n${OURS}`],
  [
    'an agent for those who have none',
    `${OURS}if [ -z "$SSH_AUTH_SOCK" ]; then\n  eval "$(ssh-agent -s)"\nfi\n`,
  ],
  ['the same in one line', `${OURS}[ -n "$SSH_AUTH_SOCK" ] || eval "$(ssh-agent -s)"\n`],
  ['for one command', `${OURS}SSH_AUTH_SOCK=/other true\nalias w='SSH_AUTH_SOCK=/other ssh'\n`],
  ['in words', `${OURS}# export SSH_AUTH_SOCK=/other\necho "$SSH_AUTH_SOCK" >/dev/null\n`],
  ['in a function that nobody has called', `${OURS}f() {\n  export SSH_AUTH_SOCK=/other\n}\n`],
  ['our own socket once more', `${OURS}export SSH_AUTH_SOCK=${SOCKET}\n`],
];
for (const [what, text] of harmless)
  test(`start-up files: no obstacle is ${what}: ${JSON.stringify(text.replace(OURS, '<OURS>'))}`, t => {
    t.deepEqual(places(text), []);
    t.is(afterBash(text), SOCKET);
  });

const harmful: [string, string][] = [
  [`true\nreturn\n${OURS}`, '2 leaves'],
  [`${DEBIAN}if true; then\n  true\nfi\nreturn 0\n${OURS}`, '8 leaves'],
  [`${OURS}export SSH_AUTH_SOCK=/other\n`, '6 sets'],
  [`${OURS}SSH_AUTH_SOCK=/other; export SSH_AUTH_SOCK\n`, '6 sets'],
  [`${OURS}unset SSH_AUTH_SOCK\n`, '6 sets'],
  [`${OURS}if true; then\n  export SSH_AUTH_SOCK="/other"\nfi\n`, '7 sets'],
  [`${OURS}ssh-agent() { echo SSH_AUTH_SOCK=/other; }\neval "$(ssh-agent -s)"\n`, '7 sets'],
];
for (const [text, place] of harmful)
  test(`start-up files: an obstacle in line ${place}: ${JSON.stringify(text.replace(OURS, '<OURS>'))}`, t => {
    t.deepEqual(places(text), [place]);
    t.not(afterBash(text), SOCKET);
  });

test('a file that has no lines of ours yet gets them at its end', t => {
  t.deepEqual(places('return\nexport SSH_AUTH_SOCK=/other\n'), ['1 leaves']);
});

test('in a file that is read later every value counts, in the words of fish too', t => {
  t.deepEqual(
    laterValues(
      'if status is-interactive\n  set -gx SSH_AUTH_SOCK /other\nend\nset -e SSH_AUTH_SOCK\neval (ssh-agent -c)\n',
    ).map(({line}) => line),
    [2, 4, 5],
  );
  t.deepEqual(laterValues('if not set -q SSH_AUTH_SOCK\nend\necho $SSH_AUTH_SOCK\n'), []);
});
