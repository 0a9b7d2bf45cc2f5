// needs: systemd, pageant, ssh, gpg, zsh, fish
/**
 * Every example that help shows, and every line of a command in the documents, typed as printed by a person whose ssh and
 * gpg endpoints are installed. A line that is not listed here with what it does, or with why it is not run, fails.
 */
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import yargs, {type CommandModule} from 'yargs';
import {COMMANDS} from '../../../linux/cli.ts';
import {poll} from '../poll.ts';
import {CLI, home, socket, twin, useInstallBed} from './install-bed.ts';

useInstallBed(test);

type Ran = {exitCode: number; stdout: string; stderr: string};
/** The shell that it is for, where that is not sh; what has to be true of it; what makes it true first, and again after. */
type Does = {in?: 'bash' | 'zsh' | 'fish'; exit?: number; says?: RegExp; before?: string; after?: string};

const INSTALL = 'wslagent install ssh gpg --now';

/** Lines as they are printed, and what each does. */
const RUN: Record<string, Does> = {
  'wslagent install ssh --now': {says: /nothing to change/},
  'wslagent install --now': {says: /nothing to change/},
  'wslagent install ssh gpg --now': {says: /nothing to change/},
  'wslagent install --dry-run': {says: /nothing to change/},
  'wslagent install gpg gpg-ssh --now': {
    says: /wslagent-gpg-ssh\.socket/,
    after: 'wslagent uninstall gpg-ssh',
  },
  'wslagent install docker --now': {says: /wslagent-docker\.socket/, after: 'wslagent uninstall docker'},
  'wslagent uninstall gpg': {says: /unmasked gpg-agent\.socket/, after: INSTALL},
  'wslagent status': {says: /all fine|nothing is wrong/},
  'wslagent endpoints --json': {says: /"name": "ssh"/},
  'wslagent probe': {says: /pageant/},
  // the twin's agent is Pageant
  'wslagent probe --target pipe:openssh-ssh-agent': {exit: 69, says: /openssh-ssh-agent/},
  'wslagent probe --target pageant:pipe --target pageant:window': {says: /pageant:pipe/},
  'wslagent bench': {says: /requests|ms/},
  'eval "$(wslagent env)"': {after: 'test -S "$SSH_AUTH_SOCK" && ssh-add -l'},
  'wslagent env fish | source': {in: 'fish', after: 'test -S "$SSH_AUTH_SOCK"; and ssh-add -l'},
  'eval "$(wslagent completion bash)"': {in: 'bash', after: 'complete -p wslagent'},
  'eval "$(wslagent completion zsh)"': {
    in: 'zsh',
    before: 'autoload -U compinit; compinit -D',
    after: '(( $+functions[_wslagent] ))',
  },
  'wslagent completion fish > ~/.config/fish/completions/wslagent.fish': {
    in: 'fish',
    before: 'mkdir -p ~/.config/fish/completions',
    after: 'complete -C "wslagent stat" | string match -q "status*"; and rm -r ~/.config/fish',
  },
  'systemctl --user restart wslagent.service': {},
  'ssh-add -l': {before: 'eval "$(wslagent env)"', says: /the key/},
  'gpg -K': {},
};

/** Lines that run until they are ended, with what is typed in another shell then. */
const SERVES: Record<string, {before?: string; socket?: string; inAnother: string; says: RegExp}> = {
  'wslagent relay ssh': {
    inAnother: 'SSH_AUTH_SOCK=$XDG_RUNTIME_DIR/wslagent/ssh.sock ssh-add -l',
    says: /the key/,
  },
  // the twin's agent is Pageant, so who asks here is told of a failure
  'wslagent relay --listen /tmp/a.sock --target pipe:openssh-ssh-agent --protocol ssh-agent': {
    socket: '/tmp/a.sock',
    inAnother: 'SSH_AUTH_SOCK=/tmp/a.sock ssh-add -l',
    says: /agent refused operation/,
  },
};

/** Lines that are not run here, and why. */
const NOT_RUN: Record<string, string> = {
  'wslagent env pwsh | Invoke-Expression': 'PowerShell is in no package of the distribution',
  'wslagent env nu | save -f wslagent.nu': 'nushell is in no package of the distribution',
  'wslagent bench ssh --socket ~/.ssh/agent.sock': 'the socket of npiperelay: bench.test.ts has one',
  'wslagent trial': 'trial.test.ts runs it, outside',
  'npm start': 'the trial or an installation: twin/trial.test.ts and the e2e tests of install',
  'git clone … && cd wslagent': 'no network',
  'export DOCKER_HOST=unix://$XDG_RUNTIME_DIR/wslagent/docker.sock':
    'raw-install.test.ts has a server of this kind',
  'docker version': 'no Docker on Windows here',
  'curl --unix-socket $XDG_RUNTIME_DIR/wslagent/docker.sock http://localhost/_ping':
    'no Docker on Windows here',
  'gpg --card-status': 'no card here',
  'loginctl enable-linger': 'it changes the machine, and the twin has no logind',
};

/** The examples of help, as yargs has them before it breaks lines. */
function helpExamples(): string[] {
  const parsers = COMMANDS.map(module => {
    const examples: string[] = [];
    const parser = yargs();
    parser.example = ((line: string) => {
      examples.push(line.replaceAll('$0 ', 'wslagent '));
      return parser;
    }) as unknown as typeof parser.example;
    if (typeof (module as CommandModule).builder === 'function')
      (module.builder as (y: unknown) => unknown)(parser);
    return examples;
  });
  return parsers.flat();
}

const ROOT = join(import.meta.dirname, '../../..');
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), {recursive: true, encoding: 'utf8'}).map(name => `docs/${name}`),
].filter(name => name.endsWith('.md'));
/** A line of a command that a person types in WSL; the rest of such blocks is Windows', output, or a file, or it names
 * places of somebody's: socat and npiperelay's flags are typed in npiperelay-*.test.ts. */
const COMMAND =
  /^(wslagent|systemctl|journalctl|loginctl|eval "\$\(wslagent|ssh-add -l$|gpg --?|export DOCKER_HOST|docker|curl|npm start|git clone|crontab)\b/;
function documentLines(): string[] {
  return PAGES.flatMap(page =>
    Array.from(
      readFileSync(join(ROOT, page), 'utf8').matchAll(/^ *```(\w*)\n(.*?)^ *```$/gms),
      ([, language = '', block = '']) =>
        (['', 'sh'].includes(language) ? block : '')
          .split('\n')
          .map(line => line.replace(/\s+#.*$/, '').trim()),
    ).flat(),
  );
}

// with paths of people's own in them
const lines = [...new Set([...helpExamples(), ...documentLines().filter(line => COMMAND.test(line))])].filter(
  line => !line.includes('C:\\Users\\NAME'),
);

test.serial.before(() => {
  const config = home('.config/wslagent/config.toml');
  const docker = '[endpoints.docker]\ntargets = ["pipe:docker_engine"]\nprotocol = "raw"\n';
  writeFileSync(config, `${readFileSync(config, 'utf8')}\n${docker}`);
  mkdirSync(home('bin'));
  writeFileSync(home('bin/wslagent'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, {mode: 0o755});
});

async function type(script: string, shell = 'sh'): Promise<Ran> {
  const env = {PATH: `${home('bin')}:${twin.env.PATH}`, SHELL: `/bin/${shell}`};
  return await twin.run(shell, [...(shell === 'zsh' ? ['-f'] : []), '-c', script], {env, timeout: 120_000});
}

test('every line is known here', t => {
  const known = new Set([...Object.keys(RUN), ...Object.keys(SERVES), ...Object.keys(NOT_RUN)]);
  t.deepEqual(
    lines.filter(line => !known.has(line)),
    [],
  );
  t.deepEqual(
    [...known].filter(line => !lines.includes(line)),
    [],
  );
});

test.serial('each line does what it says', async t => {
  t.timeout(10 * 60_000);
  // with the same PATH, on which the launcher depends
  t.is((await type(INSTALL)).exitCode, 0);
  for (const [line, {in: shell, before, exit = 0, says, after}] of Object.entries(RUN)) {
    // what changes the shell is looked at in that shell
    const isOne = shell !== undefined || line.startsWith('eval');
    const script = [before, line, isOne ? after : undefined].filter(part => part !== undefined).join('\n');
    const ran = await type(script, shell);
    t.is(ran.exitCode, exit, `${line}: ${ran.stderr}`);
    if (says !== undefined) t.regex(ran.stdout + ran.stderr, says, line);
    if (!isOne && after !== undefined) t.is((await type(after)).exitCode, 0, `${line}, then: ${after}`);
  }
});

for (const [line, {before, socket: path, inAnother, says}] of Object.entries(SERVES))
  test.serial(`serves until it is ended: ${line}`, async t => {
    if (before !== undefined) t.is((await type(before)).exitCode, 0);
    const serving = type(`timeout --signal=INT 20 ${line}`);
    await poll('the socket', 15_000, () => existsSync(path ?? socket('wslagent/ssh.sock')));
    const {stdout, stderr} = await type(inAnother);
    t.regex(stdout + stderr, says);
    await serving;
  });
