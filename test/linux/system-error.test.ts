import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';

const MODULE = join(import.meta.dirname, '../../linux/system-error.ts');
const FOLDER = join(import.meta.dirname, '../../linux/system/folders.ts');
const REPLACE = join(import.meta.dirname, '../../linux/install/replace-file.ts');

/** Real file systems, full and read-only, which only this process and its children see. */
async function inMounts(script: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-mounts-'));
  const mounts = `mkdir full ro && mount -t tmpfs -o size=16k none full && mount -t tmpfs none ro && mkdir ro/in && mount -o remount,ro ro`;
  const node = `
    import fs from 'node:fs';
    import {spawnSync} from 'node:child_process';
    import {systemError} from ${JSON.stringify(MODULE)};
    import {makeFolder} from ${JSON.stringify(FOLDER)};
    import {replaceFile} from ${JSON.stringify(REPLACE)};
    const cwd = process.cwd();
    const say = work => { try { work(); console.log('no error'); } catch (error) {
      const told = systemError(error); console.log(told === undefined ? error.stack : told.message.replaceAll(cwd, '.') + ' | ' + told.hint.replaceAll(cwd, '.')); return told?.hint; } };
    ${script}`;
  const inside = [
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-ec',
    `${mounts}; exec "$0" --input-type=module -e "$1"`,
  ];
  const {stdout, stderr} = await execa('unshare', [...inside, process.execPath, node], {
    cwd: folder,
    reject: false,
  });
  rmSync(folder, {recursive: true});
  return stdout + stderr;
}

test('a full disk and one that is read-only are named with what to type', async t => {
  const said = await inMounts(`
    say(() => fs.writeFileSync('full/file', Buffer.alloc(100_000)));
    say(() => replaceFile(cwd + '/full/other', Buffer.alloc(100_000), 0o600));
    say(() => replaceFile(cwd + '/ro/file', 'x', 0o600));
    say(() => makeFolder(cwd + '/ro/a/b/c', 0o700));
    say(() => fs.rmSync('ro/in', {recursive: true}));
  `);
  t.deepEqual(said.split('\n'), [
    'no space is left on the disk | df -h',
    'no space is left on the disk of ./full/other | df -h ./full',
    './ro/file cannot be written: its file system is read-only | sudo mount -o remount,rw "$(findmnt -no TARGET -T ./ro)"',
    './ro/a cannot be written: its file system is read-only | sudo mount -o remount,rw "$(findmnt -no TARGET -T ./ro)"',
    './ro/in cannot be written: its file system is read-only | sudo mount -o remount,rw "$(findmnt -no TARGET -T ./ro/in)"',
  ]);
});

test('the line for a read-only file system makes it writable', async t => {
  const said = await inMounts(`
    const hint = say(() => replaceFile(cwd + '/ro/file', 'x', 0o600));
    spawnSync('sh', ['-c', hint.replace('sudo ', '')]);
    say(() => replaceFile(cwd + '/ro/file', 'x', 0o600));
  `);
  t.is(said.split('\n')[1], 'no error');
});

test('a file in the place of a folder is moved out of the way by the line to type', async t => {
  const said = await inMounts(`
    fs.writeFileSync(cwd + '/full/a', '');
    const hint = say(() => replaceFile(cwd + '/full/a/file', 'x', 0o600));
    spawnSync('sh', ['-c', hint]);
    fs.mkdirSync(cwd + '/full/a');
    say(() => replaceFile(cwd + '/full/a/file', 'x', 0o600));
  `);
  t.deepEqual(said.split('\n'), [
    './full/a is a file, and has to be a folder | mv ./full/a ./full/a.old',
    'no error',
  ]);
});
