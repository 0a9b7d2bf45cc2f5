import {readFile} from 'node:fs/promises';
import type {GnupgReport} from '../../shared/probe.ts';
import {OPENSSH_PIPE, PIPE_PREFIX} from '../../shared/target.ts';

export type AgentSwitches = Pick<GnupgReport, 'sshSupport' | 'puttySupport' | 'opensshPipe'>;

/**
 * What a gpg-agent.conf switches on; a line is an option's name and perhaps its value. enable-win32-openssh-support
 * without one means OpenSSH's own pipe (gpg-agent.c).
 */
export function parseAgentConf(text: string): AgentSwitches {
  const switches: AgentSwitches = {sshSupport: false, puttySupport: false, opensshPipe: null};
  for (const line of text.split(/\r?\n/)) {
    const [option = '', value = ''] = line.trim().split(/[\s=]+/, 2);
    if (option === 'enable-ssh-support') switches.sshSupport = true;
    if (option === 'enable-putty-support') switches.puttySupport = true;
    if (option === 'enable-win32-openssh-support')
      switches.opensshPipe = value.replaceAll('"', '').replace(PIPE_PREFIX, '') || OPENSSH_PIPE;
  }
  return switches;
}

/** The switches of all these files together; one that cannot be read switches nothing on. */
export async function readAgentConfs(files: readonly string[]): Promise<AgentSwitches> {
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')));
  return parseAgentConf(texts.join('\n'));
}
