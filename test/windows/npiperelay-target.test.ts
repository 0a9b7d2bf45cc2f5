import test from 'ava';
import type {EndpointProtocol} from '../../shared/endpoint.ts';
import type {Target} from '../../shared/target.ts';
import type {Flag} from '../../windows/npiperelay/flags.ts';
import {protocolOf, readTarget} from '../../windows/npiperelay/target.ts';

// Points of docs/npiperelay.md: 10 and 14.

const read = (text: string, ...flags: Flag[]): Target | string => readTarget(text, new Set(flags));
const pipe = (path: string): Target => ({kind: 'pipe', path});
const assuan = (path: string): Target => ({kind: 'assuan', path});

const PIPES: [string, string][] = [
  ['//./pipe/openssh-ssh-agent', 'openssh-ssh-agent'],
  ['\\\\.\\pipe\\openssh-ssh-agent', 'openssh-ssh-agent'],
  ['//./PIPE/docker_engine', 'docker_engine'],
  ['\\\\?\\pipe\\x', 'x'],
  ['//./pipe/with space.and%20percent', 'with space.and%20percent'],
  ['//./pipe/a/b', 'a/b'],
  ['pipe:x', 'x'],
];
for (const [text, name] of PIPES)
  test(`point 14: ${text} is the pipe ${name}`, t => {
    t.deepEqual(read(text), pipe(name));
  });

const FILES: [string, string][] = [
  ['C:/Users/ada/S.gpg-agent', 'C:/Users/ada/S.gpg-agent'],
  ['C:\\Users\\ada\\S.gpg-agent', 'C:\\Users\\ada\\S.gpg-agent'],
  ['C%3a\\Users\\ada%20l\\S.gpg-agent', 'C:\\Users\\ada l\\S.gpg-agent'],
  ['c%3A/Users/100%25/S.gpg-agent', 'c:/Users/100%/S.gpg-agent'],
  ['C:/Users/100%25/S.gpg-agent', 'C:/Users/100%25/S.gpg-agent'],
  ['S.gpg-agent', 'S.gpg-agent'],
  ['socket', 'socket'],
];
for (const [text, path] of FILES)
  test(`point 14: with -a ${text} is the file ${path}`, t => {
    t.deepEqual(read(text, 'a'), assuan(path));
  });

const OURS: [string, Target][] = [
  ['gpg:agent-socket', {kind: 'gpg', socket: 'agent-socket'}],
  ['assuan:C:/x', assuan('C:/x')],
  ['cygwin:C:/x', {kind: 'cygwin', path: 'C:/x'}],
  ['unix:C:/x', {kind: 'unix', path: 'C:/x'}],
  ['pageant', {kind: 'pageant', via: 'any'}],
  ['any-owner:pipe:x', {kind: 'pipe', path: 'x', anyOwner: true}],
];
for (const [text, target] of OURS)
  for (const flags of [[], ['a']] as Flag[][])
    test(`a target of wslagent's, ${text}, with [${flags}]`, t => {
      t.deepEqual(read(text, ...flags), target);
    });

test('-trust-any-owner is said of a pipe, and of nothing else', t => {
  t.deepEqual(read('//./pipe/x', 'trust-any-owner'), {kind: 'pipe', path: 'x', anyOwner: true});
  t.deepEqual(read('C:/x', 'a', 'trust-any-owner'), assuan('C:/x'));
  t.regex(String(read('C:/x', 'trust-any-owner')), /not a named pipe/);
});

const REFUSED: [string, Flag[], RegExp][] = [
  ['C:\\Users\\ada\\id_ed25519', [], /not a named pipe.*-a/],
  ['C:/Users/ada/id_ed25519', [], /not a named pipe/],
  ['./id_ed25519', [], /not a named pipe/],
  ['\\\\.\\COM1', [], /not a named pipe/],
  ['\\\\.\\PhysicalDrive0', [], /not a named pipe/],
  ['-', [], /not a named pipe/],
  ['\\\\server\\pipe\\x', [], /on another machine, server/],
  ['//localhost/pipe/x', [], /on another machine, localhost/],
  ['\\\\server\\pipe\\x', ['a'], /a pipe, and -a needs/],
  ['//./pipe/x', ['a'], /a pipe, and -a needs/],
  ['//./pipe/', [], /names no pipe/],
  ['gpg:nothing', [], /unknown gpg socket/],
  ['C:/x\r', ['a'], /control character/],
];
for (const [text, flags, reason] of REFUSED)
  test(`point 10: ${JSON.stringify(text)} is refused with [${flags}]`, t => {
    t.regex(String(read(text, ...flags)), reason);
  });

const PROTOCOLS: [string, EndpointProtocol][] = [
  ['//./pipe/x', 'raw'],
  ['cygwin:C:/x', 'raw'],
  ['gpg:agent-socket', 'assuan'],
  ['gpg:agent-ssh-socket', 'ssh-agent'],
  ['assuan:C:\\gnupg\\S.gpg-agent', 'assuan'],
  ['assuan:C:/gnupg/S.gpg-agent.extra', 'assuan'],
  ['assuan:C:\\gnupg\\S.gpg-agent.ssh', 'ssh-agent'],
  ['assuan:C:/gnupg/s.GPG-agent.ssh', 'ssh-agent'],
];
for (const [text, protocol] of PROTOCOLS)
  test(`${text} is spoken to as ${protocol}`, t => {
    const target = read(text);
    t.is(typeof target === 'string' ? target : protocolOf(target), protocol);
  });
