import test from 'ava';
import {hintLines} from '../../shared/hint.ts';

test('a line is typed when it begins with a program, and else a sentence', t => {
  const typed = [
    'wslagent install --now',
    "SSH_AUTH_SOCK='/run/a b' ssh-add -l",
    "'/opt/a b/node' /x.mjs install",
    '/usr/bin/node x',
  ];
  const said = ['write systemd=true below [boot] into /etc/wsl.conf', 'start Pageant', 'known: ssh'];
  for (const text of typed) t.deepEqual(hintLines(text), [{text, typed: true}]);
  for (const text of said) t.deepEqual(hintLines(text), [{text, typed: false}]);
});

test('each line is its own, an empty one is none', t => {
  t.deepEqual(hintLines('start it\n\nwslagent probe\n'), [
    {text: 'start it', typed: false},
    {text: 'wslagent probe', typed: true},
  ]);
  t.deepEqual(hintLines(''), []);
});
