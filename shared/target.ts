/** GnuPG's own names for its sockets, as `gpgconf --list-dirs` writes them, and the file each one has. */
export const GNUPG_SOCKETS = {
  'agent-socket': 'S.gpg-agent',
  'agent-ssh-socket': 'S.gpg-agent.ssh',
  'agent-extra-socket': 'S.gpg-agent.extra',
  'agent-browser-socket': 'S.gpg-agent.browser',
  'scdaemon-socket': 'S.scdaemon',
  'dirmngr-socket': 'S.dirmngr',
} as const;

export type GnupgSocket = keyof typeof GNUPG_SOCKETS;

/**
 * Where on Windows the bytes go.
 * `pipe` without a slash at the front is a pipe's name; with one it is a Unix socket, which is what a
 * pipe is for the helper on Linux.
 */
export type Target =
  | {kind: 'pipe'; path: string}
  | {kind: 'assuan'; path: string}
  | {kind: 'gpg'; socket: GnupgSocket};

export type TargetError = {error: string; hint: string};

/** The longest target that is accepted, in UTF-16 units: Windows' own limit for a pipe's name is 256. */
export const TARGET_MAX_LENGTH = 1024;

/** How many targets one endpoint may list. */
export const TARGETS_MAX = 16;

const PIPE_PREFIX = /^[\\/]{2}\.[\\/]pipe[\\/]/i;
const KNOWN = 'pipe:NAME, //./pipe/NAME, gpg:agent-socket, assuan:C:\\path\\S.gpg-agent';

/** Reads a target as people write it (docs/targets.md has the grammar). Never throws. */
export function parseTarget(text: string): Target | TargetError {
  if (text.length > TARGET_MAX_LENGTH) return wrong('target is longer than 1024 characters', 'shorten it');
  if (/\p{Cc}/u.test(text)) return wrong('target holds a control character', `known: ${KNOWN}`);
  if (PIPE_PREFIX.test(text)) return pipe(text.replace(PIPE_PREFIX, ''), text);
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  switch (colon < 0 ? '' : text.slice(0, colon)) {
    case 'pipe':
      return pipe(rest.replace(PIPE_PREFIX, ''), text);
    case 'assuan':
      return rest === ''
        ? wrong(`target "${text}" names no file`, 'write assuan:C:\\path\\S.gpg-agent')
        : {kind: 'assuan', path: rest};
    case 'gpg':
      return gpg(rest);
    default:
      return wrong(`unknown target "${text}"`, `known: ${KNOWN}`);
  }
}

/** The target as it is shown to people: one spelling for each. */
export function formatTarget(target: Target): string {
  if (target.kind === 'pipe') return `pipe:${target.path}`;
  return target.kind === 'gpg' ? `gpg:${target.socket}` : `assuan:${target.path}`;
}

export function isTargetError(value: Target | TargetError): value is TargetError {
  return 'error' in value;
}

function pipe(name: string, text: string): Target | TargetError {
  if (name === '') return wrong(`target "${text}" names no pipe`, 'write pipe:NAME or //./pipe/NAME');
  if (/^[\\/]{2}/.test(name))
    return wrong(`target "${text}" is on another machine`, 'name a pipe of this one: pipe:NAME');
  return {kind: 'pipe', path: name};
}

function gpg(socket: string): Target | TargetError {
  if (Object.hasOwn(GNUPG_SOCKETS, socket)) return {kind: 'gpg', socket: socket as GnupgSocket};
  if (socket.startsWith('keyboxd'))
    return wrong(
      'keyboxd cannot be relayed: it passes file descriptors, which cannot leave Linux',
      'keep the public keys on the Linux side: gpg --import',
    );
  return wrong(`unknown gpg socket "${socket}"`, `known: ${Object.keys(GNUPG_SOCKETS).join(', ')}`);
}

function wrong(error: string, hint: string): TargetError {
  return {error, hint};
}
