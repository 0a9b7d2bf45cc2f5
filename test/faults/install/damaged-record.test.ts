// needs: cc
import {mkdirSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {Machine} from './machine.ts';

const INSTALL = ['install', 'ssh', 'gpg', '--now'];

const damages: Record<string, (file: string) => void> = {
  empty: file => truncateSync(file, 0),
  'half of it': file => truncateSync(file, 500),
  'all zeros': file => writeFileSync(file, Buffer.alloc(500)),
};

let machine: Machine;
let bare: string[];
test.before(async () => {
  machine = await Machine.make();
  machine.keep('bare');
  bare = machine.state();
  await machine.run(INSTALL);
  machine.keep('installed');
});
test.after.always(() => machine?.remove());

/** Whether a file had a final newline before our lines, and which units of gpg's ran. */
const isUnknown = (line: string) => /dotfiles\/bashrc|gpg-agent/.test(line);

const record = () => join(machine.home, '.local/state/wslagent/install.json');

for (const [what, damage] of Object.entries(damages)) {
  test.serial(`a record that is ${what} is replaced by its copy`, async t => {
    machine.restore('installed');
    const goal = machine.state();
    damage(record());
    const {exitCode, stderr} = await machine.run(['install', '--now']);
    t.is(exitCode, 0, stderr);
    t.regex(stderr, /^wslagent: warning: the record of the installation, .*: its copy is used$/m);
    t.deepEqual(machine.state(), goal);
    damage(record());
    t.is((await machine.run(['uninstall'])).exitCode, 0);
    t.deepEqual(machine.state(), bare);
  });

  test.serial(`a record that is ${what}, as its copy is, is made anew from what is on disk`, async t => {
    for (const steps of [[['uninstall']], [['install', '--now'], ['uninstall']]]) {
      machine.restore('installed');
      for (const file of [record(), `${record()}.copy`]) damage(file);
      const said: string[] = [];
      for (const args of steps) {
        const {exitCode, stderr} = await machine.run(args);
        t.is(exitCode, 0, stderr);
        said.push(stderr);
      }
      t.regex(said[0] ?? '', /warning: the record .*: it is made anew from what is on disk/);
      const is = machine.state().filter(line => !isUnknown(line));
      t.deepEqual(
        bare.filter(line => !is.includes(line) && !isUnknown(line)),
        [],
        steps.join(),
      );
      // who has made a folder is not known any more
      t.deepEqual(
        is.filter(line => !bare.includes(line) && !/^home\/\.(local|config)\/.*\/ 7\d\d$/.test(line)),
        ['home/.local/ 755'],
        steps.join(),
      );
    }
  });
}

test.serial('a folder in the place of the record is named, with the line that puts it away', async t => {
  machine.restore('installed');
  rmSync(record());
  mkdirSync(record());
  const {exitCode, stderr} = await machine.run(['uninstall']);
  t.is(exitCode, 1);
  const hint = /^wslagent: hint: (mv \S+ \S+)$/m.exec(stderr)?.[1] ?? '';
  t.not(hint, '', stderr);
});
