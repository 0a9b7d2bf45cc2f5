import {normalize} from 'node:path';
import {hintLines} from '../../shared/hint.ts';
import {oneLine} from '../../shared/text.ts';
import type {EndpointStatus, Status} from './status.ts';

/** A status for people: a line for each part, then what is wrong and what to type. */
export function statusText(status: Status): string {
  const {version, mode, endpoints, helper, problems, journal, journalRead} = status;
  const rows: [string, string][] = endpoints.map(endpoint => [
    endpoint.name,
    `${listenText(endpoint)}${lastText(endpoint, journalRead)}`,
  ]);
  const relay = relayText(status);
  if (relay !== undefined) rows.push(['relay', relay]);
  if (helper !== null)
    rows.push(['helper', `${helper.command.join(' ')}${helper.whole ? '' : ' (not as it was installed)'}`]);
  const shell = shellRows(status);
  if (shell !== undefined) rows.push(...shell);
  for (const {what, hint} of problems) {
    rows.push(['problem', what]);
    for (const {text, typed} of hintLines(hint)) rows.push(['', typed ? `type: ${text}` : text]);
  }
  for (const line of unusedOf(status).flatMap(({try: line}) => line ?? []))
    rows.push(['to try', `type: ${line}`]);
  if (!journalRead) rows.push(['journal', 'cannot be read, so nobody knows who was served']);
  for (const line of journal) rows.push(['journal', line]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `${name.padEnd(width)}  ${oneLine(text, 2000)}`);
  return [`wslagent ${version}, ${mode} mode: ${overall(status)}`, ...lines, ''].join('\n');
}

/** Fine is only what was seen to work. */
function overall(status: Status): string {
  if (status.state !== 'ok') return status.state === 'problem' ? 'something is wrong' : status.state;
  if (!status.journalRead) return 'nothing wrong is to be seen';
  const unused = unusedOf(status).map(({name}) => name);
  return unused.length === 0 ? 'all fine' : `nothing is wrong, and nobody has used ${unused.join(', ')} yet`;
}

function unusedOf({state, endpoints, journalRead}: Status): EndpointStatus[] {
  return state === 'ok' && journalRead ? endpoints.filter(({last}) => last === null) : [];
}

function listenText({listening, socket, mode, holders}: EndpointStatus): string {
  const held = holders.map(({program, pid}) => `${program} (pid ${pid})`).join(', ');
  if (!listening) return `not listening on ${socket}${held === '' ? '' : `; ${held} does`}`;
  return `listening on ${socket}, mode ${mode}${held === '' ? '' : `, held by ${held}`}`;
}

function lastText({listening, last}: EndpointStatus, journalRead: boolean): string {
  if (!listening || !journalRead) return '';
  if (last === null) return '; nobody has used it yet';
  const at = new Date(last.at).toLocaleString('sv-SE');
  return last.served ? `; served its last client at ${at}` : `; did not serve its last client at ${at}`;
}

function relayText({relay}: Status): string | undefined {
  if (relay === null) return undefined;
  if (relay.state === 'failed') return 'failed';
  return relay.active
    ? `running, pid ${relay.pid}, since ${relay.since}`
    : 'not running; the next connection starts it';
}

function shellRows({environment: {sshAuthSock, expected}}: Status): [string, string][] | undefined {
  if (expected === null) return undefined;
  // WSL before 2.7.1 ends XDG_RUNTIME_DIR with a slash
  if (sshAuthSock !== null && normalize(sshAuthSock) === expected)
    return [['shell', 'SSH_AUTH_SOCK points here']];
  const now =
    sshAuthSock === null ? 'SSH_AUTH_SOCK is not set' : `SSH_AUTH_SOCK points elsewhere, to ${sshAuthSock}`;
  return [
    ['shell', now],
    ['', 'type: eval "$(wslagent env)"'],
  ];
}
