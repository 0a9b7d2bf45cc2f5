/**
 * Whom something is there for. What belongs to one endpoint goes with it; the rest stays as long as an
 * endpoint needs it.
 */
export type Owner = `endpoint:${string}` | 'relay' | 'gnupg' | 'environment' | 'helper' | 'launcher';

/** What an installation wants to be there. */
export type Item =
  /** A file that is all ours. */
  | {kind: 'file'; owner: Owner; path: string; mode: number; content: string}
  /** The helper on the Windows side, or the library that it loads. */
  | {kind: 'exe'; owner: 'helper'; path: string; source: string; sha256: string; about: string}
  /** Lines of ours in a file of the person's. `mode` is for a file that did not exist. */
  | {kind: 'lines'; owner: Owner; path: string; mode: number; lines: string; about: string}
  /** A unit of the distribution's that must not run. */
  | {kind: 'mask'; owner: 'gnupg'; unit: string; about: string};

/** What was there before a file of ours took its place. */
export type Before = {base64: string; mode: number};

/**
 * What an installation did, as the record keeps it. `pending`: written down before it was done, so that an
 * installation that was cut short can be taken back; `was` is then what the last one left there, a sha256
 * or lines.
 */
export type Entry =
  | {kind: 'folder'; path: string; pending?: boolean | undefined}
  | {
      kind: 'file';
      owner: Owner;
      path: string;
      sha256: string;
      before?: Before | undefined;
      pending?: boolean | undefined;
      was?: string | undefined;
    }
  | {
      kind: 'exe';
      owner: Owner;
      path: string;
      sha256: string;
      pending?: boolean | undefined;
      was?: string | undefined;
    }
  /** `text` is exactly what was put in; `created`: the file did not exist. */
  | {
      kind: 'lines';
      owner: Owner;
      path: string;
      text: string;
      created: boolean;
      pending?: boolean | undefined;
      was?: string | undefined;
    }
  /** `active`: the unit ran, and is started again when the mask is taken off. */
  | {kind: 'mask'; owner: Owner; unit: string; active: boolean; pending?: boolean | undefined};

/** What tells two things apart; an item and its entry have the same. */
export function keyOf(thing: Item | Entry): string {
  if (thing.kind === 'mask') return `mask ${thing.unit}`;
  return thing.kind === 'folder' ? `folder ${thing.path}` : `file ${thing.path}`;
}
