import {shellWord} from '../../shared/text.ts';
import type {InstalledEndpoint} from './record.ts';

/** A command that asks the agent behind an endpoint something, and changes nothing; null where none is known. */
export function tryLine({name, protocol, listen}: InstalledEndpoint): string | null {
  if (protocol === 'ssh-agent') return `SSH_AUTH_SOCK=${shellWord(listen)} ssh-add -l`;
  return name === 'gpg' ? "gpg-connect-agent 'getinfo version' /bye" : null;
}
