import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {VERSION} from '../../shared/version.ts';
import {unitDir} from '../paths.ts';
import {interop} from '../wsl.ts';
import {ABOUT_EXE, ABOUT_LIBRARY} from './helper-files.ts';
import type {InstallRecord} from './record.ts';
import type {EndpointStatus, HelperStatus, Problem, Sight} from './status.ts';
import {RELAY_SERVICE, socketUnit} from './units.ts';

const REPAIR = 'wslagent install --now';

/** What is wrong with an installation, the cause before its effects. */
export function problemsOf(
  record: InstallRecord,
  sight: Sight,
  endpoints: readonly EndpointStatus[],
  helper: HelperStatus,
): Problem[] {
  return [
    ...managerProblems(sight),
    ...versionProblems(record),
    ...fileProblems(record),
    ...helperProblems(record, helper),
    ...(sight.noManager === undefined
      ? endpoints.flatMap(endpoint => endpointProblems(endpoint, sight))
      : []),
    ...maskProblems(record, sight),
  ];
}

function managerProblems({noManager, session}: Sight): Problem[] {
  if (session !== undefined) return [session];
  if (noManager === undefined) return [];
  return [{what: `systemd's user manager does not answer: ${noManager}`, hint: 'systemctl --user status'}];
}

function versionProblems(record: InstallRecord): Problem[] {
  const {version, entries} = record;
  // the record is written first: a unit that is neither noted nor there was still to come
  const isCutShort =
    entries.some(({pending}) => pending) || unnotedUnits(record).some(path => !existsSync(path));
  if (isCutShort) return [{what: 'an install was cut short', hint: `${REPAIR}, or: wslagent uninstall`}];
  if (version === VERSION) return [];
  return [{what: `version ${version} is installed, and this is ${VERSION}`, hint: REPAIR}];
}

/** The files of sockets that this installation did not write. */
function unnotedUnits({entries, endpoints}: InstallRecord): string[] {
  return endpoints
    .map(({name}) => join(unitDir(), socketUnit(name)))
    .filter(path => !entries.some(entry => entry.kind === 'file' && entry.path === path));
}

function fileProblems(record: InstallRecord): Problem[] {
  const {entries, program} = record;
  const missing = entries
    .flatMap(entry => (entry.kind === 'file' && !existsSync(entry.path) ? entry.path : []))
    .map(path => ({what: `${path} is gone`, hint: REPAIR}));
  const foreign = unnotedUnits(record)
    .filter(path => existsSync(path))
    .map(path => ({what: `${path} is not from wslagent, which left it alone`, hint: `${REPAIR} --force`}));
  const gone = program
    .filter(path => !existsSync(path))
    .map(path => ({
      what: `${path}, which the units run, is gone`,
      hint: `${REPAIR} from where wslagent is now`,
    }));
  return [...missing, ...foreign, ...gone];
}

function helperProblems({entries}: InstallRecord, {command, faulty}: HelperStatus): Problem[] {
  const problems: Problem[] = [];
  if (entries.some(({kind}) => kind === 'exe') && interop().registration === undefined)
    problems.push({
      what: 'WSL interop is off: Windows programs cannot be started',
      hint: 'check [interop] enabled=true in /etc/wsl.conf, then in Windows: wsl.exe --shutdown',
    });
  for (const path of faulty) {
    const about = path === command[0] ? ABOUT_EXE : ABOUT_LIBRARY;
    const fault = existsSync(path) ? 'is not the one that was installed' : 'is gone';
    problems.push({what: `${about} ${path} ${fault}`, hint: REPAIR});
  }
  return problems;
}

function endpointProblems({unit, socket, mode, holders}: EndpointStatus, {units}: Sight): Problem[] {
  const state = units.get(unit);
  if (state === undefined || state.load !== 'loaded')
    return [{what: `systemd says of ${unit}: ${state?.load ?? 'unknown'}`, hint: REPAIR}];
  if (state.active === 'failed')
    return [
      {
        what: `${unit} failed (${state.result})`,
        hint: `journalctl --user -u ${RELAY_SERVICE}; then: ${REPAIR}`,
      },
    ];
  if (state.active !== 'active') return [{what: `${unit} is not started`, hint: REPAIR}];
  const restart = `systemctl --user restart ${unit}`;
  const problems: Problem[] = [];
  if (mode === null) problems.push({what: `the socket file ${socket} is gone`, hint: restart});
  else if (mode !== '0600') problems.push({what: `${socket} has mode ${mode}, not 0600`, hint: restart});
  const relay = units.get(RELAY_SERVICE)?.pid;
  // a process that this user may not look into is systemd's own
  const ours =
    holders.length === 0 || holders.some(({pid, program}) => program === 'systemd' || pid === relay);
  const [other] = holders;
  if (!ours && other !== undefined)
    problems.push({
      what: `${other.program} (pid ${other.pid}) has put itself in the place of ${socket}`,
      hint: `kill ${other.pid}; then: ${restart}`,
    });
  if (state.file !== 'enabled')
    problems.push({what: `${unit} does not start by itself`, hint: `systemctl --user enable ${unit}`});
  return problems;
}

function maskProblems({entries}: InstallRecord, {units, noManager}: Sight): Problem[] {
  if (noManager !== undefined) return [];
  return entries
    .flatMap(entry => (entry.kind === 'mask' && entry.pending !== true ? entry.unit : []))
    .filter(unit => !['masked', 'not-found'].includes(units.get(unit)?.load ?? 'not-found'))
    .map(unit => ({what: `${unit} is not masked any more, and competes with wslagent`, hint: REPAIR}));
}
