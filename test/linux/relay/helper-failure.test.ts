import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {HelperCommand} from '../../../linux/helper-command.ts';
import {startFailure} from '../../../linux/relay/helper-failure.ts';
import {interop} from '../../../linux/wsl.ts';

const folder = mkdtempSync(join(tmpdir(), 'wslagent-exe-'));
test.after.always(() => rmSync(folder, {recursive: true}));

/** The smallest file that is a whole Windows program. */
function exe(): string {
  const path = join(folder, 'whole.exe');
  const bytes = Buffer.alloc(1024);
  bytes.write('MZ');
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80);
  writeFileSync(path, bytes);
  chmodSync(path, 0o755);
  return path;
}

test('a whole exe that the kernel does not start: interop is off, or the exe is for another machine', t => {
  const ending = {exitCode: 127, stderr: `sh: 1: MZ: not found`, stray: ''};
  const {reason, message, hint} = startFailure({command: exe(), args: [], cwd: undefined}, ending);
  t.is(reason, 'helperUnusable');
  if (interop().registration === undefined) {
    t.regex(message, /WSL interop is off/);
    t.is(hint, 'write enabled=true below [interop] into /etc/wsl.conf\nwsl.exe --shutdown');
  } else t.regex(message, /is no program for this machine/);
});

test('a whole exe that ends with 1 and without a word: no interop server', t => {
  const ending = {exitCode: 1, stderr: '', stray: ''};
  const {message, hint} = startFailure({command: exe(), args: [], cwd: undefined}, ending);
  t.regex(message, /^Windows did not start .*whole\.exe \(exit code 1 without a word\)$/);
  t.is(hint, 'write enabled=true below [interop] into /etc/wsl.conf\nwsl.exe --shutdown');
});

test('an exe that is a script is no Windows program', t => {
  const command = join(folder, 'script.exe');
  writeFileSync(command, '#!/bin/sh\n');
  const {message} = startFailure(
    {command, args: [], cwd: undefined},
    {exitCode: 5, stderr: 'something else', stray: ''},
  );
  t.regex(message, /is no Windows program$/);
});

test('a helper that WSLAGENT_HELPER names is to be unset, whatever is wrong with it', t => {
  const command = join(folder, 'chosen');
  writeFileSync(command, '');
  for (const ending of [
    {code: 'ENOENT', stderr: '', stray: ''},
    {code: 'EACCES', stderr: '', stray: ''},
    {exitCode: 1, stderr: '', stray: 'hello'},
  ]) {
    const helper: HelperCommand = {command, args: [], cwd: undefined, isChosen: true};
    t.is(startFailure(helper, ending).hint, 'unset WSLAGENT_HELPER');
  }
});
