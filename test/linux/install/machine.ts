/** A machine that exists only as a value: what planning sees, and what changes do to it. */
import {dirname} from 'node:path';
import {type Change, pendingEntry} from '../../../linux/install/change.ts';
import {type Entry, keyOf} from '../../../linux/install/item.ts';
import {sha256} from '../../../linux/install/plan-items.ts';
import type {FileState, Present} from '../../../linux/install/present.ts';
import type {UnitState} from '../../../linux/install/systemctl.ts';
import {ancestors} from '../../../linux/system/folders.ts';
import {unitState} from './unit-state.ts';

export type FakeFile = {content: string; mode: number};

export class Machine {
  readonly files = new Map<string, FakeFile>();
  readonly folders = new Set<string>();
  readonly masked = new Set<string>();
  readonly active = new Set<string>();
  readonly units: string[];
  entries: Entry[] = [];
  said: string[] = [];

  constructor(files: Record<string, string> = {}, units: string[] = []) {
    for (const [path, content] of Object.entries(files)) this.put(path, content);
    this.units = units;
    for (const unit of units) this.active.add(unit);
  }

  put(path: string, content: string, mode = 0o644): void {
    for (const folder of ancestors(path)) this.folders.add(folder);
    this.files.set(path, {content, mode});
  }

  text(path: string): string | undefined {
    return this.files.get(path)?.content;
  }

  present(): Present {
    const files = new Map<string, FileState>();
    for (const folder of this.folders) files.set(folder, {kind: 'folder'});
    for (const [path, {content, mode}] of this.files) {
      const bytes = Buffer.from(content, 'latin1');
      files.set(path, {kind: 'file', sha256: sha256(bytes), mode, content: bytes, editable: true});
    }
    return {files, units: new Map(this.units.map(unit => [unit, this.#unit(unit)]))};
  }

  /** Everything but the record, for comparison. */
  state(): unknown {
    return {
      files: [...this.files].sort(([a], [b]) => (a < b ? -1 : 1)),
      folders: [...this.folders].sort(),
      masked: [...this.masked].sort(),
      active: [...this.active].sort(),
    };
  }

  /**
   * Does the changes, all of them written down before; or cuts them short at the one with this number, before it was
   * done or (`acted`) after that. What was done is written down at the end, or (`told`) where an error ended them.
   */
  apply(
    changes: readonly Change[],
    cut: {at: number; acted: boolean; told?: boolean} = {at: changes.length, acted: false},
  ): void {
    for (const change of changes) {
      const pending = pendingEntry(change);
      if (pending !== undefined && change.action.do !== 'note down') this.#record(pending);
    }
    const made = changes.slice(0, cut.at);
    for (const {action, done} of made) {
      this.#act(action);
      if (done !== undefined) this.said.push(done);
    }
    const next = changes[cut.at];
    if (next !== undefined && cut.acted) this.#act(next.action);
    if (next !== undefined && cut.told !== true) return;
    for (const {entry, drops} of made) {
      if (entry !== undefined) this.#record(entry);
      if (drops !== undefined) this.entries = this.entries.filter(other => keyOf(other) !== drops);
    }
  }

  #record(entry: Entry): void {
    const at = this.entries.findIndex(other => keyOf(other) === keyOf(entry));
    this.entries = at < 0 ? [...this.entries, entry] : this.entries.with(at, entry);
  }

  #act(action: Change['action']): void {
    switch (action.do) {
      case 'make folder':
        this.folders.add(action.path);
        break;
      case 'remove folder':
        if (this.#isEmpty(action.path)) this.folders.delete(action.path);
        break;
      case 'write':
        if (!this.folders.has(dirname(action.path))) throw new Error(`no folder for ${action.path}`);
        this.files.set(action.path, {
          content: Buffer.from(action.content).toString('latin1'),
          mode: action.mode,
        });
        break;
      case 'remove':
      case 'remove exe':
        this.files.delete(action.path);
        break;
      case 'mask':
        this.masked.add(action.unit);
        this.active.delete(action.unit);
        break;
      case 'unmask':
        this.masked.delete(action.unit);
        break;
      case 'start again':
        if (this.masked.size > 0) throw new Error(`${action.unit} is started while its service is masked`);
        this.active.add(action.unit);
        break;
    }
  }

  #isEmpty(folder: string): boolean {
    return [...this.files.keys(), ...this.folders].every(path => !path.startsWith(`${folder}/`));
  }

  #unit(unit: string): UnitState {
    const load = this.masked.has(unit) ? 'masked' : 'loaded';
    const active = this.active.has(unit) ? 'active' : 'inactive';
    return unitState({load, active});
  }
}
