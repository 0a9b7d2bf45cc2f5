import {normalize} from 'node:path';
import {oneLine} from '../../shared/text.ts';
import type {EndpointStatus, Status} from './status.ts';

/** A status for people: a line for each part, then what is wrong and what to type. */
export function statusText(status: Status): string {
  const {version, state, mode, endpoints, helper, problems, journal} = status;
  const rows: [string, string][] = endpoints.map(endpoint => [endpoint.name, endpointText(endpoint)]);
  const relay = relayText(status);
  if (relay !== undefined) rows.push(['relay', relay]);
  if (helper !== null)
    rows.push(['helper', `${helper.command.join(' ')}${helper.whole ? '' : ' (not as it was installed)'}`]);
  const shell = shellText(status);
  if (shell !== undefined) rows.push(['shell', shell]);
  for (const {what, hint} of problems) rows.push(['problem', what], ['', `type: ${hint}`]);
  for (const line of journal) rows.push(['journal', line]);
  const overall = state === 'ok' ? 'all fine' : state === 'problem' ? 'something is wrong' : state;
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `${name.padEnd(width)}  ${oneLine(text, 2000)}`);
  return [`wslagent ${version}, ${mode} mode: ${overall}`, ...lines, ''].join('\n');
}

function endpointText({listening, socket, mode, holders}: EndpointStatus): string {
  const held = holders.map(({program, pid}) => `${program} (pid ${pid})`).join(', ');
  if (!listening) return `not listening on ${socket}${held === '' ? '' : `; ${held} does`}`;
  return `listening on ${socket}, mode ${mode}${held === '' ? '' : `, held by ${held}`}`;
}

function relayText({relay}: Status): string | undefined {
  if (relay === null) return undefined;
  return relay.active
    ? `running, pid ${relay.pid}, since ${relay.since}`
    : 'not running; the next connection starts it';
}

function shellText({environment: {sshAuthSock, expected}}: Status): string | undefined {
  if (expected === null) return undefined;
  // WSL before 2.7.1 ends XDG_RUNTIME_DIR with a slash
  if (sshAuthSock !== null && normalize(sshAuthSock) === expected) return 'SSH_AUTH_SOCK points here';
  const now =
    sshAuthSock === null ? 'SSH_AUTH_SOCK is not set' : `SSH_AUTH_SOCK points elsewhere, to ${sshAuthSock}`;
  return `${now}; in this shell: eval "$(wslagent env)"`;
}
