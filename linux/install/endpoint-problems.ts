import {monotonicNow} from './clock.ts';
import {type Fault, notLoaded, REPAIR} from './fault.ts';
import {type SocketFault, socketFault} from './socket-sight.ts';
import type {EndpointStatus} from './status.ts';
import type {Sight} from './status-sight.ts';
import {RELAY_SERVICE} from './units.ts';

/** Where successes are not written down, a failure is the last word for so long, in milliseconds. */
const QUIET_MEMORY = 3_600_000;

/** What keeps clients of one endpoint from being served, or did so the last time. */
export function endpointProblems(endpoint: EndpointStatus, sight: Sight): Fault[] {
  const {unit, name} = endpoint;
  const state = sight.units.get(unit);
  if (state === undefined || state.load !== 'loaded') return [notLoaded(unit, state?.load ?? 'unknown')];
  if (state.active === 'failed') return [{what: `${unit} failed (${state.result})`, hint: REPAIR}];
  if (state.active !== 'active') return [{what: `${unit} is not started`, hint: REPAIR}];
  const seen = sight.sockets.get(name);
  const fault = seen === undefined ? undefined : socketFault(seen, sight.units.get(RELAY_SERVICE)?.pid);
  const problems =
    fault === undefined ? lastProblems(endpoint, sight) : [socketProblem(fault, endpoint, state.socketMode)];
  if (state.needReload) problems.push({what: `${unit} was changed since systemd read it`, hint: REPAIR});
  if (state.file !== 'enabled') problems.push({what: `${unit} does not start by itself`, hint: REPAIR});
  return problems;
}

function socketProblem(fault: SocketFault, {socket, unit}: EndpointStatus, wanted: string): Fault {
  switch (fault.kind) {
    case 'gone':
      return {what: `the socket file ${socket} is gone`, hint: REPAIR};
    case 'unheard':
      return {what: `nobody listens on ${socket}, whatever systemd believes`, hint: REPAIR};
    case 'taken': {
      const {program, pid} = fault.by;
      const what = `${program} (pid ${pid}) has put itself in the place of ${socket}`;
      return {what, hint: `kill ${pid}\n${REPAIR}`};
    }
    case 'mode': {
      const what = `${socket} has mode ${fault.mode}, not 0600`;
      // a drop-in of the person's says so, and would say so again
      const revert = wanted === '0600' ? '' : `systemctl --user revert ${unit}\n`;
      return {what, hint: `${revert}${REPAIR}`};
    }
  }
}

/** The last client's failure, until somebody is served. */
function lastProblems({name, try: line}: EndpointStatus, {words, configuration}: Sight): Fault[] {
  const word = words?.get(name);
  if (word === undefined || word.served) return [];
  if (configuration.quiet && monotonicNow() - word.monotonic > QUIET_MEMORY) return [];
  const hint = [word.hint ?? 'wslagent probe', ...(line === null ? [] : [line])].join('\n');
  return [{what: `the last client of ${name} was not served: ${word.reason}`, hint}];
}
