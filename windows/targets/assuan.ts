import {type AssuanSocketFile, parseSocketFile, SOCKET_FILE_MAX} from '../../shared/assuan/socket-file.ts';
import {assuanCredentials} from '../../shared/cygwin/credentials.ts';
import {SecretExchange} from '../../shared/cygwin/exchange.ts';
import type {AgentConnection, ConnectOptions} from './connection.ts';
import {greeted} from './greeting.ts';
import {dialPort} from './port.ts';
import {exchangeSecrets} from './secret-exchange.ts';
import {type SocketFileKind, throughSocketFile} from './socket-file.ts';

const GNUPG_FILE: SocketFileKind<AssuanSocketFile> = {
  max: SOCKET_FILE_MAX,
  parse: parseSocketFile,
  hints: () => ({
    absent: 'gpgconf.exe --launch gpg-agent',
    denied: 'run gpg-agent as the same user',
    badTarget: 'name the socket file of a gpg-agent\nwslagent probe',
  }),
};

/** Connects through a GnuPG socket file. Throws FailureError. */
export function connectAssuan(path: string, options: ConnectOptions): Promise<AgentConnection> {
  return throughSocketFile(path, GNUPG_FILE, options.signal, file => connectPort(path, file, options));
}

async function connectPort(
  path: string,
  {port, nonce, cygwin}: AssuanSocketFile,
  options: ConnectOptions,
): Promise<AgentConnection> {
  const {signal} = options;
  const again = 'gpgconf.exe --launch gpg-agent';
  options.port?.(port);
  const stream = await dialPort(path, port, again, signal);
  const connection: AgentConnection = {stream, detail: `${path} (port ${port})`, halfCloses: true};
  if (cygwin) {
    const exchange = new SecretExchange(nonce, assuanCredentials(process.pid));
    const hint = 'gpgconf.exe --kill gpg-agent';
    await exchangeSecrets(stream, exchange, {who: connection.detail, hint, signal});
  } else if (options.protocol === 'ssh-agent') {
    // gpg-agent leaves the sockets it accepts for ssh non-blocking and closes whenever it has to wait for
    // bytes: the nonce and one whole request must arrive together, and the next request needs a connection
    // of its own (seen with 2.4.9: 5 ms between the two is too long).
    return {...connection, preamble: nonce, oneRequest: true};
  } else {
    stream.write(nonce);
  }
  return options.protocol === 'assuan' ? await greeted(connection, signal) : connection;
}
