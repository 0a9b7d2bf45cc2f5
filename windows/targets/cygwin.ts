import {cygwinCredentials} from '../../shared/cygwin/credentials.ts';
import {SecretExchange} from '../../shared/cygwin/exchange.ts';
import {
  CYGWIN_SOCKET_FILE_MAX,
  type CygwinSocketFile,
  parseCygwinSocketFile,
} from '../../shared/cygwin/socket-file.ts';
import type {AgentConnection, ConnectOptions} from './connection.ts';
import {greeted} from './greeting.ts';
import {dialPort} from './port.ts';
import {exchangeSecrets} from './secret-exchange.ts';
import {type SocketFileKind, throughSocketFile} from './socket-file.ts';

const CYGWIN_FILE: SocketFileKind<CygwinSocketFile> = {
  max: CYGWIN_SOCKET_FILE_MAX,
  parse: parseCygwinSocketFile,
  hints: path => ({
    absent: absentHint(path),
    denied: 'run the agent as the same user, and neither it nor wsl as administrator',
    badTarget: `name the socket of a running agent: in its shell, cygpath -w "$SSH_AUTH_SOCK"`,
  }),
};

/** Connects through a socket file of Cygwin, MSYS2 or Git for Windows. Throws FailureError. */
export function connectCygwin(path: string, options: ConnectOptions): Promise<AgentConnection> {
  return throughSocketFile(path, CYGWIN_FILE, options.signal, file => connectPort(path, file, options));
}

async function connectPort(
  path: string,
  {port, nonce}: CygwinSocketFile,
  options: ConnectOptions,
): Promise<AgentConnection> {
  const {protocol, signal} = options;
  const hint = restartHint(path);
  options.port?.(port);
  const stream = await dialPort(path, port, hint, signal);
  const connection: AgentConnection = {stream, detail: `${path} (port ${port})`, halfCloses: true};
  const exchange = new SecretExchange(nonce, cygwinCredentials(process.pid));
  await exchangeSecrets(stream, exchange, {who: connection.detail, hint, signal});
  return protocol === 'assuan' ? await greeted(connection, signal) : connection;
}

function absentHint(path: string): string {
  if (process.platform === 'win32' && path.startsWith('/'))
    return `name it as Windows does, which this tells in its shell: cygpath -w ${quote(path)}`;
  return `in Git Bash, MSYS2 or Cygwin: eval "$(ssh-agent -a ${quote(path)})"`;
}

/** An ssh-agent binds only where no file is. */
function restartHint(path: string): string {
  const file = quote(path);
  return `start the agent again, in Git Bash, MSYS2 or Cygwin: rm -f ${file}; eval "$(ssh-agent -a ${file})"`;
}

/** A Windows path as those shells take it. */
function quote(path: string): string {
  return `'${path.replaceAll('\\', '/').replaceAll("'", "'\\''")}'`;
}
