import {checkConfig} from '../../../../linux/config/check.ts';
import {UserError} from '../../../../linux/errors.ts';
import {parseListDirs} from '../../../../shared/assuan/list-dirs.ts';
import {formatTarget, isTargetError, parseTarget} from '../../../../shared/target.ts';
import {parseConfig} from '../../../../windows/pageant/config-text.ts';
import {pageantBlock, pageantPipeName, pageantPipesOf} from '../../../../windows/pageant/pipe-name.ts';
import type {Random} from '../random.ts';
import {kindOf, promise, refusal, type Subject} from '../subject.ts';

const TARGETS = [
  'pipe:openssh-ssh-agent',
  '//./pipe/x',
  '\\\\.\\pipe\\a b',
  'pageant',
  'pageant:window',
  'pageant:C:\\a\\b.conf',
  'gpg:agent-ssh-socket',
  'gpg:keyboxd',
  'assuan:C:\\S.gpg-agent',
  'cygwin:C:\\s',
  'unix:C:\\ä.sock',
  'any-owner:pipe:x',
] as const;

/** What a person writes as a target: understood, or refused in a sentence; what was understood is shown so that it can be typed. */
export const targets: Subject = {
  name: 'targets',
  make: random => Buffer.from(random.pick(TARGETS)),
  feed(input) {
    const target = parseTarget(textOf(input));
    if (isTargetError(target)) {
      promise(target.error !== '' && target.hint !== '' && isPrintable(target.error), JSON.stringify(target));
      return {units: 1, word: kindOf(target.error)};
    }
    const again = parseTarget(formatTarget(target));
    promise(
      JSON.stringify(again) === JSON.stringify(target),
      `${JSON.stringify(target)} is shown as another`,
    );
    return {units: 1, word: target.kind};
  },
};

const LINES = [
  '[helper]',
  'sharing = "overflow"',
  'spares = 2',
  'max = 0x10',
  'spare_idle = "10m"',
  '[relay]',
  'idle_exit = 30',
  "log_level = 'debug'",
  '[endpoints.ssh]',
  'targets = ["pipe:x", \'assuan:C:\\S\']',
  'listen = "%t/x"',
  '[endpoints."a b"]',
  'protocol = """raw"""',
  '# comment ä',
  'a = {b = [1979-05-27, inf, 1_000]}',
] as const;

/** The configuration file: read, or refused in one sentence that names it. */
export const configuration: Subject = {
  name: 'configuration',
  make: random => Buffer.from(lines(random, LINES)),
  feed(input) {
    const refused = refusal(() => checkConfig('/c.toml', textOf(input)), UserError);
    promise(refused === '' || refused.startsWith('/c.toml: '), `refused with ${JSON.stringify(refused)}`);
    return {units: 1, word: kindOf(refused.slice(9))};
  },
};

const PUTTY = [
  'IdentityAgent \\\\.\\pipe\\pageant.Ada Lovelace.0123',
  'IdentityAgent "//./pipe/pageant.ada.0123"',
  'identityagent\t/tmp/x',
  'Host *',
  '# comment',
] as const;

/** What Pageant writes for OpenSSH: a name of a pipe of this machine, or none. */
export const pageantFile: Subject = {
  name: 'file of pageant --openssh-config',
  make: random => Buffer.from(lines(random, PUTTY)),
  feed(input) {
    const found = parseConfig(textOf(input));
    if (typeof found === 'string') return {units: 1, word: found};
    promise(/^[^\\/\p{Cc}]{1,256}$/u.test(found.pipe), `the pipe ${JSON.stringify(found.pipe)}`);
    return {units: 1, word: 'a pipe'};
  },
};

const PAGEANT = pageantPipeName('ada', pageantBlock());

/** Names of pipes, among which Pageant's are to be found. */
export const pageantNames: Subject = {
  name: 'names of pipes',
  make: random =>
    Buffer.from([PAGEANT, PAGEANT.toUpperCase(), 'pageant.bob.12', 'x'].slice(random.below(4)).join('\n')),
  feed(input) {
    const names = textOf(input).split('\n');
    const found = pageantPipesOf(['ada', 'Ada Lovelace', ''], names);
    for (const name of found)
      promise(
        names.includes(name) && /^pageant\..*[0-9a-f]{64}$/is.test(name),
        `found ${JSON.stringify(name)}`,
      );
    return {units: names.length, word: `${found.length > 0} ${names.length > 3}`};
  },
};

/** What gpgconf prints. */
export const gpgconfOutput: Subject = {
  name: 'output of gpgconf',
  make: () =>
    Buffer.from('homedir:C%3a\\Users\\ä%20b\r\nagent-socket:/run/user/0/S.gpg-agent\nbad%zz:\n:x\n'),
  feed(input) {
    const text = textOf(input);
    const dirs = parseListDirs(text);
    promise(dirs.size <= text.length, `${dirs.size} folders`);
    return {units: 1, word: String(dirs.size)};
  },
};

function lines(random: Random, all: readonly [string, ...string[]]): string {
  const some = Array.from({length: 1 + random.small(8)}, () => random.pick(all));
  return some.join(random.once(4) ? '\r\n' : '\n');
}

function textOf(input: Uint8Array): string {
  return Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('utf8');
}

function isPrintable(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}
