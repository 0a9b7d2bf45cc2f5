import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {VERSION} from '../../shared/version.ts';
import {unitDir} from '../paths.ts';
import {selfCommand} from '../self.ts';
import {INTEROP_OFF, interop} from '../wsl.ts';
import {endpointProblems} from './endpoint-problems.ts';
import {type Fault, notLoaded, REPAIR} from './fault.ts';
import {ABOUT_EXE, ABOUT_LIBRARY} from './helper-files.ts';
import {managerHint} from './manager.ts';
import type {InstallRecord} from './record.ts';
import type {EndpointStatus, HelperStatus} from './status.ts';
import type {Sight} from './status-sight.ts';
import {RELAY_SERVICE, socketUnit} from './units.ts';

/** What is wrong with an installation, the cause before its effects. */
export function problemsOf(
  record: InstallRecord,
  sight: Sight,
  endpoints: readonly EndpointStatus[],
  helper: HelperStatus,
): Fault[] {
  const managed = sight.noManager === undefined;
  // what is wrong with a unit that is not ours has that cause
  const foreign = foreignUnits(record);
  const ours = endpoints.filter(({unit}) => !foreign.includes(join(unitDir(), unit)));
  return [
    ...managerProblems(sight),
    ...versionProblems(record),
    ...fileProblems(record),
    ...configurationProblems(sight),
    ...helperProblems(record, helper),
    ...(managed && record.mode === 'daemon' ? relayProblems(sight) : []),
    ...(managed ? ours.flatMap(endpoint => endpointProblems(endpoint, sight)) : []),
    ...maskProblems(record, sight),
  ];
}

function managerProblems({noManager, session}: Sight): Fault[] {
  if (session !== undefined) return [session];
  if (noManager === undefined) return [];
  return [{what: `systemd's user manager does not answer: ${noManager}`, hint: managerHint()}];
}

function configurationProblems({configuration, session}: Sight): Fault[] {
  return (
    configuration.faults
      // the cause is said already
      .filter(({reason}) => reason !== session?.what)
      .map(({reason, hint = REPAIR}) => ({what: reason, hint}))
  );
}

/** A relay that could not start turned away the client that it was started for, and will the next one. */
function relayProblems({units, sockets, start, outdated}: Sight): Fault[] {
  const state = units.get(RELAY_SERVICE);
  if (state !== undefined && state.load !== 'loaded') return [notLoaded(RELAY_SERVICE, state.load)];
  if (state?.active === 'failed' || (state?.active === 'inactive' && start !== undefined)) {
    const why = start?.reason ?? state.result;
    const all = [...sockets.keys()].every(name => units.get(socketUnit(name))?.active === 'active');
    // without its sockets it would make one of its own
    const again = all ? `systemctl --user restart ${RELAY_SERVICE}` : REPAIR;
    const hint = [start?.hint ?? `journalctl --user-unit=${RELAY_SERVICE} --lines=20`, again].join('\n');
    return [{what: `${RELAY_SERVICE} failed: ${why}`, hint}];
  }
  if (!outdated) return [];
  const what = 'the relay still runs with the configuration of before it was changed';
  return [{what, hint: `systemctl --user stop ${RELAY_SERVICE}`}];
}

function versionProblems(record: InstallRecord): Fault[] {
  const {version, entries} = record;
  // the record is written first: a unit that is neither noted nor there was still to come
  const isCutShort =
    entries.some(({pending}) => pending) || unnotedUnits(record).some(path => !existsSync(path));
  if (isCutShort) return [{what: 'an install was cut short', hint: REPAIR}];
  if (version === VERSION) return [];
  return [
    {what: `version ${version} is installed, and this is ${VERSION}`, hint: `${selfCommand()} install --now`},
  ];
}

/** The files of sockets that this installation did not write. */
function unnotedUnits({entries, endpoints}: InstallRecord): string[] {
  return endpoints
    .map(({name}) => join(unitDir(), socketUnit(name)))
    .filter(path => !entries.some(entry => entry.kind === 'file' && entry.path === path));
}

function foreignUnits(record: InstallRecord): string[] {
  return unnotedUnits(record).filter(path => existsSync(path));
}

function fileProblems(record: InstallRecord): Fault[] {
  const {entries, program} = record;
  const missing = entries
    .flatMap(entry => (entry.kind === 'file' && !existsSync(entry.path) ? entry.path : []))
    .map(path => ({what: `${path} is gone`, hint: REPAIR}));
  const foreign = foreignUnits(record).map(path => ({
    what: `${path} is not from wslagent, which left it alone`,
    hint: `${REPAIR} --force`,
  }));
  const gone = program
    .filter(path => !existsSync(path))
    .map(path => ({
      what: `${path}, which the units run, is gone`,
      hint: `${selfCommand()} install --now`,
    }));
  return [...missing, ...foreign, ...gone];
}

function helperProblems({entries}: InstallRecord, {command, faulty}: HelperStatus): Fault[] {
  const problems: Fault[] = [];
  if (entries.some(({kind}) => kind === 'exe') && interop().registration === undefined)
    problems.push({
      what: 'WSL interop is off: Windows programs cannot be started',
      hint: INTEROP_OFF,
    });
  for (const path of faulty) {
    const about = path === command[0] ? ABOUT_EXE : ABOUT_LIBRARY;
    const fault = existsSync(path) ? 'is not the one that was installed' : 'is gone';
    problems.push({what: `${about} ${path} ${fault}`, hint: REPAIR});
  }
  return problems;
}

function maskProblems({entries}: InstallRecord, {units, noManager}: Sight): Fault[] {
  if (noManager !== undefined) return [];
  return entries
    .flatMap(entry => (entry.kind === 'mask' && entry.pending !== true ? entry.unit : []))
    .filter(unit => !['masked', 'not-found'].includes(units.get(unit)?.load ?? 'not-found'))
    .map(unit => ({what: `${unit} is not masked any more, and competes with wslagent`, hint: REPAIR}));
}
