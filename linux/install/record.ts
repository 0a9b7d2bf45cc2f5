import {existsSync, lstatSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as v from 'valibot';
import {oneLine, shellWord} from '../../shared/text.ts';
import {VERSION} from '../../shared/version.ts';
import {UserError} from '../errors.ts';
import {stateDir} from '../paths.ts';
import {systemError} from '../system-error.ts';
import {type Fault, REPAIR} from './fault.ts';
import {type Entry, keyOf} from './item.ts';
import {type InstallRecord, recordSchema} from './record-schema.ts';
import {replaceFile} from './replace-file.ts';

export type {InstalledEndpoint, InstallRecord, Mode} from './record-schema.ts';

export function recordFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(stateDir(env), 'install.json');
}

/** Whether the record is somewhere below this folder, which then outlives everything else. */
export function holdsRecord(folder: string): boolean {
  return recordFile().startsWith(`${folder}/`);
}

/** The record as it was written last, a second time: for when the first is damaged. */
export function recordCopy(env: NodeJS.ProcessEnv = process.env): string {
  return `${recordFile(env)}.copy`;
}

export type Reading = {
  /** Undefined when nothing is installed. */
  record: InstallRecord | undefined;
  /** What is wrong with the record's file, and that its copy took its place. */
  trouble?: string;
  /** The line to type before another can be written. */
  first?: string | undefined;
};

/** Neither the record nor its copy can be used. Without a hint of its own it can be made anew. */
export class UnusableRecord extends UserError {
  readonly lost: boolean;

  constructor(message: string, hint: string | undefined) {
    super(message, hint ?? REPAIR);
    this.lost = hint === undefined;
  }
}

/** The record, or its copy where it is damaged. Throws UserError when neither can be used. */
export function openRecord(env: NodeJS.ProcessEnv = process.env): Reading {
  const sight = lookAtBoth(env);
  if ('record' in sight) return sight;
  const {first, copy, nothing} = sight;
  if (nothing) return {record: undefined};
  if (copy === undefined) throw new UnusableRecord(whatIsWrong(first, env), first.hint);
  return {
    record: copy,
    trouble: `${whatIsWrong(first, env)}: ${COPY_USED}`,
    ...(first.inTheWay ? {first: first.hint} : {}),
  };
}

/** As openRecord, without a word about a copy. */
export function readRecord(env: NodeJS.ProcessEnv = process.env): InstallRecord | undefined {
  return openRecord(env).record;
}

type Unusable = {
  /** The end of a sentence about the file. */
  fault: string;
  hint?: string;
  missing?: boolean;
  /** No file can take its place. */
  inTheWay?: boolean;
  /** Another version has written it. */
  newer?: boolean;
  /** What is in it, where that is JSON. */
  value?: unknown;
};

const COPY_USED = 'its copy is used';

type Both = {record: InstallRecord} | {first: Unusable; copy: InstallRecord | undefined; nothing: boolean};

/** The record; else why not, the copy where it may take its place, and whether there is neither. */
function lookAtBoth(env: NodeJS.ProcessEnv): Both {
  const first = readFile(recordFile(env));
  if ('record' in first) return first;
  const copy = readFile(recordCopy(env));
  if ('record' in copy) return {first, copy: first.newer ? undefined : copy.record, nothing: false};
  return {first, copy: undefined, nothing: first.missing === true && copy.missing === true};
}

function whatIsWrong({fault}: Unusable, env: NodeJS.ProcessEnv): string {
  return `the record of the installation, ${recordFile(env)}, ${fault}`;
}

function readFile(file: string): {record: InstallRecord} | Unusable {
  let text: string;
  try {
    const stats = lstatSync(file, {throwIfNoEntry: false});
    if (stats === undefined) return {fault: 'is gone', missing: true};
    if (stats.isSymbolicLink() && !existsSync(file)) return {fault: 'is a link to nothing'};
    if (stats.isDirectory())
      return {
        fault: 'is a folder',
        inTheWay: true,
        hint: `mv ${shellWord(file)} ${shellWord(`${file}.old`)}`,
      };
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const told = systemError(error);
    return {
      fault: `cannot be read: ${told?.message ?? (error as Error).message}`,
      hint: told?.hint ?? `ls -l ${shellWord(file)}`,
    };
  }
  return parse(text);
}

function parse(text: string): {record: InstallRecord} | Unusable {
  if (text.replaceAll('\0', '').trim() === '')
    return {fault: text === '' ? 'is empty' : 'has lost its content'};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {fault: 'is damaged: it is not JSON'};
  }
  const {success, output} = v.safeParse(recordSchema, value);
  if (success) return {record: output};
  if (v.is(v.object({version: v.string()}), value) && value.version !== VERSION) {
    const fault = `is of another version, ${oneLine(value.version, 50)}`;
    return {fault, hint: 'uninstall with the version that installed', newer: true, value};
  }
  return {fault: 'is damaged: something in it is not what it should be', value};
}

/** The first is written whole before the copy is touched: a crash leaves one of them as it was. */
export function writeRecord(record: InstallRecord, env: NodeJS.ProcessEnv = process.env): void {
  const text = recordText(record);
  replaceFile(recordFile(env), text, 0o600);
  replaceFile(recordCopy(env), text, 0o600);
}

export function recordText(record: InstallRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** The entry for the same thing replaced, or added at the end. */
export function withEntry(record: InstallRecord, entry: Entry): InstallRecord {
  const key = keyOf(entry);
  const known = record.entries.some(other => keyOf(other) === key);
  const entries = known
    ? record.entries.map(other => (keyOf(other) === key ? entry : other))
    : [...record.entries, entry];
  return {...record, entries};
}

export function withoutEntry(record: InstallRecord, key: string): InstallRecord {
  return {...record, entries: record.entries.filter(entry => keyOf(entry) !== key)};
}

/** What a relay has to know of an installation. */
export type RecordParts = {
  endpoints: {name: string; targets?: string[] | undefined}[];
  /** Linux path of the exe that install put on the Windows side, when it is whole. */
  exe: string | undefined;
  /** Why the record could not be used as it is. */
  trouble?: Fault;
};

const looseEndpoint = v.object({
  name: v.string(),
  targets: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
});
const looseExe = v.object({kind: v.literal('exe'), path: v.string(), pending: v.optional(v.literal(false))});
const loose = v.object({
  endpoints: v.fallback(v.array(v.unknown()), []),
  helper: v.fallback(v.array(v.unknown()), []),
  entries: v.fallback(v.array(v.unknown()), []),
});

/** As much of the record as can be read, whatever has become of it: an agent that works is not lost with it. Never throws. */
export function recordParts(env: NodeJS.ProcessEnv = process.env): RecordParts {
  const sight = lookAtBoth(env);
  if ('record' in sight) return parts(sight.record);
  const {first, copy, nothing} = sight;
  if (nothing) return parts(undefined);
  const instead = copy === undefined ? 'what can be read of it is used' : COPY_USED;
  const trouble = {what: `${whatIsWrong(first, env)}: ${instead}`, hint: first.hint ?? REPAIR};
  return {...parts(copy ?? first.value), trouble};
}

function parts(value: unknown): RecordParts {
  if (!v.is(loose, value)) return {endpoints: [], exe: undefined};
  const {endpoints, helper, entries} = v.parse(loose, value);
  const [program] = helper;
  const exe = entries.find(entry => v.is(looseExe, entry) && entry.path === program);
  return {
    endpoints: endpoints.filter(endpoint => v.is(looseEndpoint, endpoint)),
    exe: exe === undefined ? undefined : String(program),
  };
}

/** Linux path of the exe that install put on the Windows side; undefined when there is none. Never throws. */
export function installedHelper(env: NodeJS.ProcessEnv): string | undefined {
  return recordParts(env).exe;
}
