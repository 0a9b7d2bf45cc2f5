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
 * pipe is for the helper on Linux. `anyOwner`: whoever made the pipe is trusted.
 * `config` is a file that `pageant --openssh-config` wrote.
 */
export type Target =
  | {kind: 'pipe'; path: string; anyOwner?: true}
  | {kind: 'pageant'; via: 'any' | 'pipe' | 'window'; anyOwner?: true}
  | {kind: 'pageant'; via: 'config'; path: string; anyOwner?: true}
  | {kind: FileKind; path: string}
  | {kind: 'gpg'; socket: GnupgSocket};

/** The targets that are a file: a GnuPG socket file, one of Cygwin, MSYS2 or Git for Windows, a socket of Windows itself. */
const FILE_KINDS = {
  assuan: 'C:\\path\\S.gpg-agent',
  cygwin: 'C:\\path\\agent.sock',
  unix: 'C:\\path\\agent.sock',
} as const;

type FileKind = keyof typeof FILE_KINDS;

export type TargetError = {error: string; hint: string};

/** The longest target that is accepted, in UTF-16 units: Windows' own limit for a pipe's name is 256. */
export const TARGET_MAX_LENGTH = 1024;

/** How many targets one endpoint may list. */
export const TARGETS_MAX = 16;

/** The pipe of the OpenSSH agent, 1Password, Bitwarden and KeeAgent: only one of them can have it. */
export const OPENSSH_PIPE = 'openssh-ssh-agent';

/**
 * How the path of a pipe of this machine begins, with slashes of either kind: as Windows has it, with each backslash
 * doubled for a string of JSON or a shell, or with two of them made one by the double quotes of a shell.
 */
export const PIPE_PREFIX = /^(?:[\\/]{2,4}|\\)[.?][\\/]{1,2}pipe[\\/]{1,2}/i;
const ANY_OWNER = 'any-owner:';
/** What may stand before a target's own text, with spaces that do not belong there. */
const AROUND_COLONS = /^(any-owner:)?\s*([a-z]+:)?\s*/;
const KNOWN =
  'pipe:NAME, //./pipe/NAME, pageant, gpg:agent-socket, assuan:C:\\path\\S.gpg-agent, cygwin:C:\\path\\agent.sock, unix:C:\\path\\agent.sock';

/** Reads a target as people write it (docs/targets.md has the grammar). Never throws. */
export function parseTarget(text: string): Target | TargetError {
  if (text.length > TARGET_MAX_LENGTH) return wrong('target is longer than 1024 characters', 'shorten it');
  if (/\p{Cc}/u.test(text)) return wrong('target holds a control character', `known: ${KNOWN}`);
  const tidy = text.trim().replace(AROUND_COLONS, '$1$2');
  if (tidy !== text && tidy !== '')
    return wrong(`target "${text}" has a space at an end or behind its colon`, `write ${tidy}`);
  return text.startsWith(ANY_OWNER) ? trusting(text) : parsePlain(text);
}

function parsePlain(text: string): Target | TargetError {
  if (PIPE_PREFIX.test(text)) return pipe(text, text);
  if (text === 'pageant') return {kind: 'pageant', via: 'any'};
  const colon = text.indexOf(':');
  const kind = colon < 0 ? '' : text.slice(0, colon);
  const rest = text.slice(colon + 1);
  switch (kind) {
    case 'pipe':
      return pipe(rest, text);
    case 'npipe':
      return dockersPipe(rest, text);
    case 'pageant':
      return pageant(rest, text);
    case 'assuan':
    case 'cygwin':
    case 'unix':
      return rest === ''
        ? wrong(`target "${text}" names no file`, `write ${kind}:${FILE_KINDS[kind]}`)
        : {kind, path: rest};
    case 'gpg':
      return gpg(rest);
    default:
      return wrong(`unknown target "${text}"`, `known: ${KNOWN}`);
  }
}

/** The target as it is shown to people: one spelling for each. */
export function formatTarget(target: Target): string {
  switch (target.kind) {
    case 'pipe':
      return `${target.anyOwner ? ANY_OWNER : ''}pipe:${target.path}`;
    case 'pageant':
      return `${target.anyOwner ? ANY_OWNER : ''}pageant${pageantRest(target)}`;
    case 'gpg':
      return `gpg:${target.socket}`;
    default:
      return `${target.kind}:${target.path}`;
  }
}

/** The same target, whoever owns its pipe; a target without a pipe is itself. */
export function withAnyOwner(target: Target): Target {
  return hasOwner(target) ? {...target, anyOwner: true} : target;
}

function hasOwner(target: Target): target is Target & {kind: 'pipe' | 'pageant'} {
  return target.kind === 'pipe' || target.kind === 'pageant';
}

/** The same for a target that was written; one that is wrong stays as it is. */
export function textWithAnyOwner(text: string): string {
  const target = parseTarget(text);
  return isTargetError(target) ? text : formatTarget(withAnyOwner(target));
}

/** What is spoken at a socket of GnuPG: Assuan, but for the one that serves ssh keys. */
export function gnupgProtocol(socket: GnupgSocket): 'ssh-agent' | 'assuan' {
  return socket === 'agent-ssh-socket' ? 'ssh-agent' : 'assuan';
}

export function isTargetError(value: Target | TargetError): value is TargetError {
  return 'error' in value;
}

function pipe(place: string, text: string): Target | TargetError {
  const name = place.replace(PIPE_PREFIX, '');
  if (name === place && /^[\\/]{2}/.test(name))
    return wrong(`target "${text}" is on another machine`, 'name a pipe of this one: pipe:NAME');
  if (name === '' || (name !== place && /^[\\/]/.test(name)))
    return wrong(`target "${text}" names no pipe`, 'write pipe:NAME or //./pipe/NAME');
  if (name !== name.trimStart())
    return wrong(`target "${text}" has a space before its pipe's name`, `write pipe:${name.trimStart()}`);
  return {kind: 'pipe', path: name};
}

/** Docker writes `npipe:////./pipe/NAME` (DOCKER_HOST): the two slashes of a URL, and then the path. */
function dockersPipe(rest: string, text: string): Target | TargetError {
  if (PIPE_PREFIX.test(rest) || /^[\\/]{2}/.test(rest)) return pipe(rest, text);
  return wrong(`target "${text}" names no pipe`, `write pipe:${rest === '' ? 'NAME' : rest}`);
}

function pageant(rest: string, text: string): Target | TargetError {
  if (rest === 'pipe' || rest === 'window') return {kind: 'pageant', via: rest};
  if (/[\\/]/.test(rest)) return {kind: 'pageant', via: 'config', path: rest};
  return wrong(
    `unknown target "${text}"`,
    'write pageant, pageant:pipe, pageant:window, or pageant:C:\\path\\FILE for a file of pageant --openssh-config',
  );
}

function pageantRest(target: Target & {kind: 'pageant'}): string {
  if (target.via === 'any') return '';
  return target.via === 'config' ? `:${target.path}` : `:${target.via}`;
}

function trusting(text: string): Target | TargetError {
  const target = parsePlain(text.slice(ANY_OWNER.length));
  if (isTargetError(target)) return target;
  if (hasOwner(target)) return withAnyOwner(target);
  return wrong(`target "${text}" has no owner to be trusted or not`, 'write any-owner:pipe:NAME');
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
