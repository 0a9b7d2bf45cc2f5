import {realpathSync} from 'node:fs';
import path from 'node:path';
import type * as Koffi from 'koffi';
import {FailureError} from '../../shared/failure.ts';
import {systemFile} from '../system/system-file.ts';

export type Library = Koffi.LibraryHandle;

/** koffi itself, without its JavaScript, which would search folders for what lies beside this program. */
type Native = Pick<
  typeof Koffi,
  'load' | 'alloc' | 'free' | 'view' | 'decode' | 'encode' | 'address' | 'node' | 'sizeof'
>;

let loaded: Native | undefined;
const libraries = new Map<string | null, Library>();

/** The name of koffi's file beside the exe; the build and `install` put it there. */
function fileName(): string {
  return `koffi-${process.arch}.node`;
}

/** The folder of this program: of the exe, or of the script that node.exe runs. */
function ownFolder(): string {
  const sea = process.getBuiltinModule('node:sea');
  return path.dirname(sea.isSea() ? process.execPath : realpathSync(process.argv[1] ?? '.'));
}

/**
 * Win32 from JavaScript. Loaded when it is first needed, which takes some 30 ms. Only a file of our own folder is
 * taken: what else could be found on a search path may be anybody's. Throws FailureError `helperIncomplete`.
 */
export function koffi(): Native {
  if (loaded !== undefined) return loaded;
  const file = path.join(ownFolder(), fileName());
  const module = {exports: {}};
  try {
    process.dlopen(module, file);
  } catch {
    throw new FailureError({
      reason: 'helperIncomplete',
      message: `${file}, with which the helper calls windows, is missing or damaged`,
      hint: 'wslagent install --now',
    });
  }
  loaded = module.exports as Native;
  return loaded;
}

/** A system library by its name; null is this program itself. It comes from System32, never from a folder of ours. */
export function library(name: string | null): Library {
  let found = libraries.get(name);
  if (found === undefined) {
    found = koffi().load(name === null ? null : systemFile(name));
    libraries.set(name, found);
  }
  return found;
}
