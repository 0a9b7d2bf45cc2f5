import type {GnupgSocket} from './target.ts';

/** How an endpoint's bytes are framed, half-closed, and told of a failure. Numbers travel in OPEN frames. */
export const PROTOCOL_CODES = {raw: 0, 'ssh-agent': 1, assuan: 2} as const;

export type EndpointProtocol = keyof typeof PROTOCOL_CODES;

export const ENDPOINT_PROTOCOLS = Object.keys(PROTOCOL_CODES) as EndpointProtocol[];

/** A name that serves as file name, unit name and systemd's FileDescriptorName (which allows no colon). */
export const ENDPOINT_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Where a built-in endpoint listens: in wslagent's own folder, or where GnuPG's Linux side looks. */
export type ListenPlace = {kind: 'runtime'} | {kind: 'gnupg'; socket: GnupgSocket};

export type BuiltInEndpoint = {
  protocol: EndpointProtocol;
  targets: readonly string[];
  listen: ListenPlace;
  about: string;
};

/** The endpoints that exist without a configuration file. */
export const BUILT_IN_ENDPOINTS = {
  ssh: {
    protocol: 'ssh-agent',
    targets: ['pipe:openssh-ssh-agent'],
    listen: {kind: 'runtime'},
    about: 'OpenSSH agent of Windows, 1Password, Bitwarden, KeeAgent',
  },
  gpg: {
    protocol: 'assuan',
    targets: ['gpg:agent-socket'],
    listen: {kind: 'gnupg', socket: 'agent-socket'},
    about: 'gpg-agent of Gpg4win',
  },
  'gpg-ssh': {
    protocol: 'ssh-agent',
    targets: ['gpg:agent-ssh-socket'],
    listen: {kind: 'gnupg', socket: 'agent-ssh-socket'},
    about: 'ssh keys of gpg-agent of Gpg4win',
  },
  'gpg-extra': {
    protocol: 'assuan',
    targets: ['gpg:agent-extra-socket'],
    listen: {kind: 'gnupg', socket: 'agent-extra-socket'},
    about: 'gpg-agent of Gpg4win, restricted as for a remote machine',
  },
  'gpg-browser': {
    protocol: 'assuan',
    targets: ['gpg:agent-browser-socket'],
    listen: {kind: 'gnupg', socket: 'agent-browser-socket'},
    about: 'gpg-agent of Gpg4win, restricted as for a browser',
  },
  scdaemon: {
    protocol: 'assuan',
    targets: ['gpg:scdaemon-socket'],
    listen: {kind: 'gnupg', socket: 'scdaemon-socket'},
    about: 'smart card daemon of Gpg4win',
  },
  pageant: {
    protocol: 'ssh-agent',
    targets: ['pageant'],
    listen: {kind: 'runtime'},
    about: 'Pageant and what stands in for it: PuTTY-CAC, KeeAgent, gpg-agent with enable-putty-support',
  },
} as const satisfies Record<string, BuiltInEndpoint>;
