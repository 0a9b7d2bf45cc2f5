import test from 'ava';
import fc from 'fast-check';
import {type Item, keyOf} from '../../../linux/install/item.ts';
import {planFolders} from '../../../linux/install/plan-folders.ts';
import {planItems} from '../../../linux/install/plan-items.ts';
import {planTakeBack} from '../../../linux/install/plan-take-back.ts';
import {Machine} from './machine.ts';

const UNIT = '/home/ada/.config/systemd/user/wslagent.service';
const PROFILE = '/home/ada/.profile';

const unit = (content = 'new\n'): Item => ({kind: 'file', owner: 'relay', path: UNIT, mode: 0o644, content});
const lines = (text = '# ours\n'): Item => ({
  kind: 'lines',
  owner: 'environment',
  path: PROFILE,
  mode: 0o644,
  lines: text,
  about: 'SSH_AUTH_SOCK for shells',
});
const mask: Item = {kind: 'mask', owner: 'gnupg', unit: 'gpg-agent.socket', about: 'it listens'};

type Cut = {at: number; acted: boolean; told?: boolean};

function install(
  machine: Machine,
  items: Item[],
  {force = false, cut}: {force?: boolean; cut?: Cut} = {},
): string[] {
  const plan = planItems(items, machine.entries, machine.present(), force);
  machine.said = [];
  machine.apply([...planFolders(plan.changes, machine.present(), () => false), ...plan.changes], cut);
  return plan.notes.map(({text}) => text);
}

function uninstall(machine: Machine, cut?: Cut): string[] {
  const folders = machine.entries.filter(({kind}) => kind === 'folder');
  const others = machine.entries.filter(({kind}) => kind !== 'folder');
  const plan = planTakeBack(others, machine.present());
  machine.apply([...plan.changes, ...planTakeBack(folders, machine.present()).changes], cut);
  return plan.notes.map(({text}) => text);
}

test('a file of ours is written, once', t => {
  const machine = new Machine();
  t.deepEqual(install(machine, [unit()]), []);
  t.is(machine.text(UNIT), 'new\n');
  t.deepEqual(machine.said, ['made the folder /home/ada/.config/systemd/user', `wrote ${UNIT}`]);
  install(machine, [unit()]);
  t.deepEqual(machine.said, []);
});

test('an unchanged file follows a new version, a changed one is left alone and named', t => {
  const machine = new Machine();
  install(machine, [unit('old\n')]);
  install(machine, [unit()]);
  t.is(machine.text(UNIT), 'new\n');
  machine.put(UNIT, 'mine\n');
  t.deepEqual(install(machine, [unit('newer\n')]), [
    `left ${UNIT} alone: the file was changed since wslagent wrote it`,
  ]);
  t.is(machine.text(UNIT), 'mine\n');
  t.deepEqual(uninstall(machine), [`kept ${UNIT}: it was changed since wslagent wrote it`]);
  t.is(machine.text(UNIT), 'mine\n');
});

test('a foreign file is left alone; with --force it is replaced, and uninstall puts it back', t => {
  const machine = new Machine({[UNIT]: 'theirs\n'});
  const before = machine.state();
  t.deepEqual(install(machine, [unit()]), [`left ${UNIT} alone: the file is not from wslagent`]);
  t.deepEqual(machine.state(), before);
  t.deepEqual(install(machine, [unit()], {force: true}), []);
  t.is(machine.text(UNIT), 'new\n');
  install(machine, [unit('newer\n')]);
  t.is(machine.text(UNIT), 'newer\n');
  uninstall(machine);
  t.deepEqual(machine.state(), before);
});

test('a file that is as it should be is taken over by a record that does not know it', t => {
  const machine = new Machine({[UNIT]: 'new\n'});
  install(machine, [unit()]);
  t.deepEqual(machine.said, []);
  uninstall(machine);
  t.is(machine.text(UNIT), undefined);
});

test('lines that were taken out are not put back, unless --force', t => {
  const machine = new Machine({[PROFILE]: 'x=1\n'});
  install(machine, [lines()]);
  t.is(machine.text(PROFILE), 'x=1\n# ours\n');
  machine.put(PROFILE, 'x=1\n');
  t.deepEqual(install(machine, [lines()]), [
    `left ${PROFILE} alone: the lines of wslagent in it were changed or taken out`,
  ]);
  t.deepEqual(install(machine, [lines()], {force: true}), []);
  t.is(machine.text(PROFILE), 'x=1\n# ours\n');
  machine.put(PROFILE, 'x=1\n');
  t.deepEqual(uninstall(machine), []);
});

test('lines that were changed are kept and named', t => {
  const machine = new Machine();
  install(machine, [lines('# ours\ny=2\n')]);
  machine.put(PROFILE, '# ours\ny=3\n');
  t.deepEqual(uninstall(machine), [`kept ${PROFILE}: the lines of wslagent in it were changed`]);
  t.is(machine.text(PROFILE), '# ours\ny=3\n');
});

test('other lines take the place of ours', t => {
  const machine = new Machine({[PROFILE]: 'x=1'});
  install(machine, [lines()]);
  machine.put(PROFILE, `${machine.text(PROFILE)}y=2\n`);
  install(machine, [lines('# others\n')]);
  t.is(machine.text(PROFILE), 'x=1\n# others\ny=2\n');
  uninstall(machine);
  t.is(machine.text(PROFILE), 'x=1\ny=2\n');
});

test('a file that was made for our lines goes with them, unless somebody wrote more into it', t => {
  const empty = new Machine();
  install(empty, [lines()]);
  uninstall(empty);
  t.is(empty.text(PROFILE), undefined);
  const used = new Machine();
  install(used, [lines()]);
  used.put(PROFILE, `y=2\n${used.text(PROFILE)}`);
  uninstall(used);
  t.is(used.text(PROFILE), 'y=2\n');
});

test('a file that cannot be written is left alone', t => {
  const machine = new Machine({[PROFILE]: 'x=1\n'});
  const {files, units} = machine.present();
  const sealed = new Map(files);
  const state = files.get(PROFILE);
  if (state?.kind === 'file') sealed.set(PROFILE, {...state, editable: false});
  const plan = planItems([lines()], [], {files: sealed, units}, true);
  t.deepEqual(plan.changes, []);
  t.deepEqual(plan.notes, [
    {
      text: `left ${PROFILE} alone: it cannot be written`,
      hint: 'add there by hand what this prints (SSH_AUTH_SOCK for shells)\nwslagent env',
    },
  ]);
});

test('a link or a folder in place of a file of ours is never replaced', t => {
  for (const state of [{kind: 'folder'}, {kind: 'other', what: 'a link to /dev/null'}] as const) {
    const present = {files: new Map([[UNIT, state]]), units: new Map()};
    const {changes, notes} = planItems([unit()], [], present, true);
    t.deepEqual(changes, []);
    t.regex(notes[0]?.text ?? '', /^left .* alone: it is a (folder|link to \/dev\/null)$/);
  }
});

test('units are masked when they exist; what was masked or stopped before stays so', t => {
  const machine = new Machine({}, ['gpg-agent.socket']);
  const before = machine.state();
  install(machine, [mask, {...mask, unit: 'not-there.socket'}]);
  t.deepEqual([...machine.masked], ['gpg-agent.socket']);
  uninstall(machine);
  t.deepEqual(machine.state(), before);

  machine.active.clear();
  install(machine, [mask]);
  uninstall(machine);
  t.deepEqual([...machine.active], []);

  machine.masked.add('gpg-agent.socket');
  install(machine, [mask]);
  t.deepEqual(machine.entries, []);
  uninstall(machine);
  t.true(machine.masked.has('gpg-agent.socket'));
});

test('a unit that somebody unmasked is masked again, and still started when all is taken back', t => {
  const machine = new Machine({}, ['gpg-agent.socket']);
  install(machine, [mask]);
  machine.masked.clear();
  install(machine, [mask]);
  t.true(machine.masked.has('gpg-agent.socket'));
  uninstall(machine);
  t.true(machine.active.has('gpg-agent.socket'));
});

const names = ['/h/a', '/h/b/c', '/h/b/d', '/h/e/f/g'];
const texts = fc.constantFrom('', 'x', 'x\n', 'ours\n', 'two\nlines\n');
const units = ['gpg-agent.socket', 'gpg-agent.service'];
const items: fc.Arbitrary<Item[]> = fc
  .uniqueArray(fc.integer({min: 0, max: names.length + units.length - 1}), {minLength: 1})
  .chain(picks => fc.tuple(...picks.map(pick => fc.tuple(fc.constant(pick), fc.boolean(), fc.boolean()))))
  .map(picks =>
    picks.map(([pick, isLines, second]): Item => {
      const path = names[pick];
      if (path === undefined) return {...mask, unit: units[pick - names.length] ?? ''};
      const text = second ? '# ours\n' : '# other\n';
      return isLines
        ? {kind: 'lines', owner: 'gnupg', path, mode: 0o600, lines: text, about: ''}
        : {kind: 'file', owner: 'relay', path, mode: 0o644, content: text};
    }),
  );
const machines = fc
  .record({files: fc.dictionary(fc.constantFrom(...names), texts), running: fc.subarray(units)})
  .map(({files, running}) => {
    const machine = new Machine(files, units);
    for (const unit of units) if (!running.includes(unit)) machine.active.delete(unit);
    return machine;
  });

test('whatever was there, installing twice is installing once, and uninstall restores it', t => {
  fc.assert(
    fc.property(machines, items, fc.boolean(), (machine, wanted, force) => {
      const before = machine.state();
      install(machine, wanted, {force});
      const [installed, record] = [machine.state(), machine.entries];
      install(machine, wanted, {force});
      t.deepEqual(machine.said, []);
      t.deepEqual([machine.state(), machine.entries], [installed, record]);
      uninstall(machine);
      t.deepEqual(machine.state(), before);
      t.deepEqual(machine.entries, []);
    }),
  );
});

const cuts = fc.record({at: fc.nat(10), acted: fc.boolean(), told: fc.boolean()});

test('versions that follow each other, each cut short anywhere, can be finished or taken back', t => {
  const rounds = fc.array(fc.record({wanted: items, cut: cuts, force: fc.boolean()}), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(machines, rounds, cuts, fc.boolean(), (machine, versions, last, finish) => {
      const before = machine.state();
      let wanted: Item[] = [];
      for (const round of versions) {
        // the kind of a thing does not change between versions
        wanted = round.wanted.filter(item =>
          machine.entries.every(e => keyOf(e) !== keyOf(item) || e.kind === item.kind),
        );
        install(machine, wanted, {force: round.force, cut: round.cut});
      }
      if (finish) {
        install(machine, wanted, {force: true});
        const installed = machine.state();
        install(machine, wanted);
        t.deepEqual(machine.said, []);
        t.deepEqual(machine.state(), installed);
      }
      uninstall(machine, last);
      uninstall(machine);
      t.deepEqual(machine.state(), before);
      t.deepEqual(machine.entries, []);
    }),
    {numRuns: 2000},
  );
});

test('an install that was cut short is finished without --force', t => {
  const machine = new Machine({[UNIT]: 'theirs\n', [PROFILE]: 'x=1\n'});
  const before = machine.state();
  install(machine, [unit()], {force: true, cut: {at: 0, acted: false}});
  install(machine, [lines()], {cut: {at: 0, acted: false}});
  t.deepEqual(machine.state(), before);
  t.deepEqual(install(machine, [unit(), lines()]), []);
  t.is(machine.text(UNIT), 'new\n');
  t.is(machine.text(PROFILE), 'x=1\n# ours\n');
  uninstall(machine);
  t.deepEqual(machine.state(), before);
});

test('what is no longer wanted is taken back by its key', t => {
  const machine = new Machine();
  install(machine, [unit(), lines()]);
  const gone = machine.entries.filter(entry => keyOf(entry) === keyOf(unit()));
  machine.apply(planTakeBack(gone, machine.present()).changes);
  t.is(machine.text(UNIT), undefined);
  t.is(machine.text(PROFILE), '# ours\n');
});
