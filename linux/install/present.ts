import type {UnitState} from './systemctl.ts';

/** What is at a path now. */
export type FileState =
  | {
      kind: 'file';
      sha256: string;
      mode: number;
      /** Undefined for a file too large to be one of these. */
      content: Uint8Array | undefined;
      /** It can be written, is ours, and would be replaced where it is. */
      editable: boolean;
      /** The path without links. */
      real?: string;
    }
  | {kind: 'folder'}
  /** A dangling link, a device, a link in place of a unit: `what` says it to people. */
  | {kind: 'other'; what: string};

/** The state of the machine that a plan is made from. A path or unit that is not in here does not exist. */
export type Present = {
  files: ReadonlyMap<string, FileState>;
  units: ReadonlyMap<string, UnitState>;
};

/** Files beyond this many bytes are nothing that install would read or keep a copy of. */
export const CONTENT_MAX = 1024 * 1024;

/** What a change was planned from, to be looked at again in the moment of making it. */
export type Seen = 'nothing' | {sha256: string; mode: number; real?: string | undefined};

export function seen(state: FileState | undefined): Seen {
  if (state?.kind !== 'file') return 'nothing';
  const {sha256, mode, real} = state;
  return {sha256, mode, real};
}
