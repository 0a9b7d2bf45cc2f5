import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {envLine, shellOf} from '../../../linux/install/env-line.ts';
import {environmentItems, sshEndpoint} from '../../../linux/install/environment.ts';
import {isKnownShell, type ShellFacts, shellFacts, shellFiles} from '../../../linux/install/shell-files.ts';

const RUNTIME = '/run/user/1000';
const SOCKET = `${RUNTIME}/wslagent/ssh.sock`;

function items(socket: string) {
  return environmentItems(socket, {
    runtimeDir: RUNTIME,
    environmentDir: '/h/.config/environment.d',
    files: [
      {path: '/h/.profile', syntax: 'posix'},
      {path: '/h/.config/fish/conf.d/wslagent.fish', syntax: 'fish'},
    ],
  });
}

/** What SSH_AUTH_SOCK is after the lines for POSIX shells, started with this environment. */
function afterLines(shell: string, socket: string, env: Record<string, string>): string {
  const [profile] = items(socket);
  const lines = profile?.kind === 'lines' ? profile.lines : '';
  const script = `set -u\n${lines}printf %s "\${SSH_AUTH_SOCK-unset}"`;
  // with a socket for stdin bash would take itself for a login from afar, and read the tester's own files
  return execFileSync(shell, ['-c', script], {env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});
}

for (const shell of ['sh', 'bash'])
  test(`${shell}: the outermost shell gets our socket, an inner one keeps what it has`, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'env-'));
    const live = join(folder, 'agent');
    const server = createServer().listen(live);
    await new Promise(resolve => server.once('listening', resolve));
    t.teardown(() => {
      server.close();
      rmSync(folder, {recursive: true});
    });
    const XDG_RUNTIME_DIR = RUNTIME;
    t.is(afterLines(shell, SOCKET, {XDG_RUNTIME_DIR}), SOCKET);
    t.is(afterLines(shell, SOCKET, {}), `/run/user/${process.getuid?.()}/wslagent/ssh.sock`);
    t.is(afterLines(shell, SOCKET, {XDG_RUNTIME_DIR, SSH_AUTH_SOCK: live}), SOCKET);
    t.is(afterLines(shell, SOCKET, {XDG_RUNTIME_DIR, SSH_AUTH_SOCK: live, SHLVL: '2'}), live);
    t.is(afterLines(shell, SOCKET, {XDG_RUNTIME_DIR, SSH_AUTH_SOCK: '/gone', SHLVL: '2'}), SOCKET);
    t.is(afterLines(shell, SOCKET, {XDG_RUNTIME_DIR, SSH_AUTH_SOCK: live, SSH_CONNECTION: 'x'}), live);
    t.is(afterLines(shell, SOCKET, {XDG_RUNTIME_DIR, SSH_AUTH_SOCK: '/gone', SSH_CONNECTION: 'x'}), SOCKET);
    const odd = `/tmp/a b$c'"d`;
    t.is(afterLines(shell, odd, {}), odd);
  });

test('fish and systemd get their own words for it', t => {
  const [, fish, units] = items(SOCKET);
  t.is(fish?.kind, 'file');
  t.true(
    fish?.kind === 'file' &&
      fish.content.includes('set -gx SSH_AUTH_SOCK $wslagent_runtime/wslagent/ssh.sock'),
  );
  t.is(units?.kind === 'file' && units.path, '/h/.config/environment.d/50-wslagent.conf');
  t.regex(
    units?.kind === 'file' ? units.content : '',
    /^#.*\nSSH_AUTH_SOCK="\$\{XDG_RUNTIME_DIR\}\/wslagent\/ssh\.sock"\n$/,
  );
  const [, , elsewhere] = items('/a b/$c"d\\');
  t.regex(elsewhere?.kind === 'file' ? elsewhere.content : '', /\nSSH_AUTH_SOCK="\/a b\/\$\$c\\"d\\\\"\n$/);
});

test('ssh is preferred, then the first that speaks the protocol', t => {
  const of = (...names: string[]) =>
    sshEndpoint(
      names.map(name => ({name, protocol: name === 'gpg' ? ('assuan' as const) : ('ssh-agent' as const)})),
    )?.name;
  t.is(of('gpg', 'gpg-ssh', 'ssh'), 'ssh');
  t.is(of('gpg', 'own', 'gpg-ssh'), 'own');
  t.is(of('gpg'), undefined);
});

function files(shell: string, ...present: string[]): string[] {
  const there = present.map(name => `/h/${name}`);
  const facts: ShellFacts = shellFacts({SHELL: `/bin/${shell}`}, '/h', '/h/.config', path =>
    there.includes(path),
  );
  return shellFiles(facts).map(({path}) => path.slice('/h/'.length));
}

test('files of the shells that a person uses, and no others', t => {
  t.deepEqual(files('bash'), ['.profile']);
  t.deepEqual(files('bash', '.profile', '.bashrc'), ['.profile', '.bashrc']);
  // bash reads only the first of its login files
  t.deepEqual(files('bash', '.bash_profile', '.profile'), ['.bash_profile']);
  t.deepEqual(files('bash', '.bash_login', '.profile'), ['.bash_login']);
  t.deepEqual(files('zsh'), ['.zshrc']);
  t.deepEqual(files('zsh', '.profile', '.bashrc'), ['.profile', '.bashrc', '.zshrc']);
  t.deepEqual(files('fish'), ['.config/fish/conf.d/wslagent.fish']);
  t.deepEqual(files('dash', '.config/fish'), ['.profile', '.config/fish/conf.d/wslagent.fish']);
  t.deepEqual(files('nu'), []);
});

test('zsh may keep its files elsewhere', t => {
  const facts = shellFacts({SHELL: '/bin/zsh', ZDOTDIR: '/z'}, '/h', '/h/.config', () => false);
  t.deepEqual(shellFiles(facts), [{path: '/z/.zshrc', syntax: 'posix'}]);
});

test('a shell whose files are not known is told so', t => {
  for (const shell of ['', 'bash', 'zsh', 'fish', 'dash']) t.true(isKnownShell({shell}));
  for (const shell of ['nu', 'tcsh', 'xonsh']) t.false(isKnownShell({shell}));
});

test('env prints a line for each shell', t => {
  t.is(envLine('bash', SOCKET), `export SSH_AUTH_SOCK=${SOCKET};`);
  t.is(envLine('fish', '/a b'), `set -gx SSH_AUTH_SOCK '/a b';`);
  t.is(envLine('tcsh', '/a b'), `setenv SSH_AUTH_SOCK '/a b';`);
  t.is(envLine('nu', '/a "b\\'), '$env.SSH_AUTH_SOCK = "/a \\"b\\\\"');
  t.is(envLine('pwsh', "/a 'b’$c"), "$env:SSH_AUTH_SOCK = '/a ''b’’$c'");
  t.is(shellOf('/usr/bin/nu'), 'nu');
  t.is(shellOf('/usr/bin/fish'), 'fish');
  t.is(shellOf('/opt/unknown'), 'sh');
  t.is(shellOf(undefined), 'sh');
});
