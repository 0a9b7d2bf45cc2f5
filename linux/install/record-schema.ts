import * as v from 'valibot';
import {ENDPOINT_NAME, ENDPOINT_PROTOCOLS} from '../../shared/endpoint.ts';
import type {Entry, Owner} from './item.ts';

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

export const recordSchema = v.strictObject({
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
  reload: v.optional(v.boolean()),
});

/**
 * Exactly what install did, so that uninstall can take it back: `install.json` in the state folder.
 * An endpoint has `targets` when they were chosen by what was found on Windows and are not the built-in ones
 * (docs/adr/0004-chosen-targets.md); the configuration file counts for more. `program` is node and the bundle, `helper` the command that the units start; `entries` are in the order in which they were made.
 * `reload`: files for systemd were touched, and it has not read them since.
 */
export type InstallRecord = Omit<v.InferOutput<typeof recordSchema>, 'entries'> & {entries: Entry[]};

export type InstalledEndpoint = InstallRecord['endpoints'][number];
