/** A real sshd on loopback with keys and a configuration of its own, and an ssh configuration that leads to it. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import path from 'node:path';
import {makeKey} from '../agents/keys.ts';
import {poll} from '../poll.ts';
import type {Twin} from '../twin.ts';
import {CEILING} from './chain.ts';

export type Sshd = {
  /** For `ssh -F`: the host `loopback` is this sshd; nothing of the user's own configuration counts. */
  sshConfig: string;
  /** What it logged so far. */
  log(): string;
  stop(): Promise<void>;
};

/** Lets in whoever proves one of the keys. */
export async function startSshd(twin: Twin, authorizedKeys: string[]): Promise<Sshd> {
  const folder = await mkdtemp(path.join(twin.home, 'sshd-'));
  const inside = (name: string) => path.join(folder, name);
  const hostKey = await makeKey(folder, 'host', 'ed25519');
  await writeFile(inside('authorized'), `${authorizedKeys.join('\n')}\n`);
  await writeFile(inside('known'), `loopback ${hostKey.publicLine}\n`);
  let log = '';
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    await writeFile(inside('sshd_config'), sshdConfig(port, hostKey.opensshPath, inside('authorized')));
    await writeFile(inside('ssh_config'), sshConfig(port, inside('known')));
    // by its full path, which sshd demands
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', inside('sshd_config')], {
      env: twin.env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', text => {
      log += text;
    });
    await poll('sshd to listen', CEILING, () => hasEnded(child) || log.includes('Server listening'));
    if (!hasEnded(child)) return {sshConfig: inside('ssh_config'), log: () => log, stop: () => stop(child)};
    // somebody else took the port in the moment between
    if (attempt === 3) throw new Error(`sshd does not start: ${log}`);
  }
}

function sshdConfig(port: number, hostKey: string, authorized: string): string {
  return `
ListenAddress 127.0.0.1
Port ${port}
HostKey ${hostKey}
PidFile none
AuthorizedKeysFile ${authorized}
AuthenticationMethods publickey
PermitRootLogin yes
StrictModes no
UsePAM no
LogLevel VERBOSE
`;
}

function sshConfig(port: number, known: string): string {
  return `
Host loopback
  HostName 127.0.0.1
  HostKeyAlias loopback
  Port ${port}
  UserKnownHostsFile ${known}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  BatchMode yes
  IdentitiesOnly yes
  ConnectTimeout 30
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

function hasEnded({exitCode, signalCode}: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
