import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as v from 'valibot';
import {ENDPOINT_NAME, ENDPOINT_PROTOCOLS} from '../../shared/endpoint.ts';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import {stateDir} from '../paths.ts';
import {type Entry, keyOf, type Owner} from './item.ts';
import {replaceFile} from './replace-file.ts';

export const MODES = ['daemon', 'direct'] as const;

/** `daemon`: one relay for all connections. `direct`: systemd starts the exe for each. */
export type Mode = (typeof MODES)[number];

const owner = v.pipe(
  v.string(),
  v.regex(/^(endpoint:[a-z0-9-]+|relay|gnupg|environment|helper|launcher)$/),
  v.transform(text => text as Owner),
);
const path = v.pipe(v.string(), v.startsWith('/'));
const pending = v.optional(v.boolean());
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const entry = v.variant('kind', [
  v.strictObject({kind: v.literal('folder'), path, pending}),
  v.strictObject({
    kind: v.literal('file'),
    owner,
    path,
    sha256,
    before: v.optional(v.strictObject({base64: v.string(), mode: v.number()})),
    pending,
    was: v.optional(sha256),
  }),
  v.strictObject({kind: v.literal('exe'), owner, path, sha256, pending, was: v.optional(sha256)}),
  v.strictObject({
    kind: v.literal('lines'),
    owner,
    path,
    text: v.string(),
    created: v.boolean(),
    pending,
    was: v.optional(v.string()),
  }),
  v.strictObject({kind: v.literal('mask'), owner, unit: v.string(), active: v.boolean(), pending}),
]);

const schema = v.strictObject({
  schema: v.literal(1),
  version: v.string(),
  mode: v.picklist(MODES),
  endpoints: v.array(
    v.strictObject({
      name: v.pipe(v.string(), v.regex(ENDPOINT_NAME)),
      protocol: v.picklist(ENDPOINT_PROTOCOLS),
      listen: path,
      gnupg: v.boolean(),
      targets: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
    }),
  ),
  program: v.array(path),
  helper: v.pipe(v.array(v.string()), v.minLength(1)),
  entries: v.array(entry),
});

/**
 * Exactly what install did, so that uninstall can take it back: `install.json` in the state folder.
 * An endpoint has `targets` when they were chosen by what was found on Windows and are not the built-in ones
 * (docs/adr/0004-chosen-targets.md); the configuration file counts for more. `program` is node and the bundle, `helper` the command that the units start; `entries` are in the order in which they were made.
 */
export type InstallRecord = Omit<v.InferOutput<typeof schema>, 'entries'> & {entries: Entry[]};

export type InstalledEndpoint = InstallRecord['endpoints'][number];

export function recordFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(stateDir(env), 'install.json');
}

/** Whether the record is somewhere below this folder, which then outlives everything else. */
export function holdsRecord(folder: string): boolean {
  return recordFile().startsWith(`${folder}/`);
}

/** The record, or undefined when nothing is installed. Throws UserError when it cannot be understood. */
export function readRecord(env: NodeJS.ProcessEnv = process.env): InstallRecord | undefined {
  const file = recordFile(env);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, (error as Error).message);
  }
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (error) {
    throw unreadable(file, error instanceof v.ValiError ? 'it is of another version' : 'it is not JSON');
  }
}

/** Writes the record so that a crash leaves the old one or the new one, whole. */
export function writeRecord(record: InstallRecord, env: NodeJS.ProcessEnv = process.env): void {
  replaceFile(recordFile(env), `${JSON.stringify(record, null, 2)}\n`, 0o600);
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

/** Linux path of the exe that install put on the Windows side; undefined when there is none. */
export function installedHelper(env: NodeJS.ProcessEnv): string | undefined {
  const record = readRecord(env);
  const exe = record?.helper[0];
  const there = record?.entries.some(({kind, ...rest}) => {
    return kind === 'exe' && 'path' in rest && rest.path === exe && rest.pending !== true;
  });
  return there ? exe : undefined;
}

function unreadable(file: string, reason: string): UserError {
  return new UserError(
    `the record of the installation, ${file}, cannot be used: ${reason}`,
    `uninstall with the version that installed, or start over\nmv ${shellWord(file)} ${shellWord(`${file}.old`)}`,
  );
}
