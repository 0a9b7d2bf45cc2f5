import os from 'node:os';
import path from 'node:path';
import {OPENSSH_PIPE} from '../../shared/target.ts';

/**
 * What to give to net.connect for a `pipe:` target. On Linux, where the helper serves trials and
 * tests, a pipe is a Unix socket: an absolute path is one, a name is a file in WSLAGENT_PIPES.
 */
export function pipePath(name: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return path.resolve(process.env.WSLAGENT_PIPES ?? os.tmpdir(), name);
}

/** The pipe as people write it, and as it can be copied into a Linux shell. */
export function showPipe(name: string): string {
  return process.platform === 'win32' ? `//./pipe/${name}` : pipePath(name);
}

/** What to do when the pipe does not exist. */
export function absentPipeHint(name: string): string {
  if (name === OPENSSH_PIPE)
    return (
      'in an administrator PowerShell: Set-Service ssh-agent -StartupType Automatic; Start-Service ssh-agent' +
      ' (or switch on the SSH agent in 1Password, Bitwarden or KeeAgent)'
    );
  if (name.startsWith('pageant.')) return 'start Pageant\nwslagent probe';
  return 'start the agent that owns the pipe\nwslagent probe';
}
