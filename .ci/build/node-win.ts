import pin from '../node-win.json' with {type: 'json'};
import type {Arch} from './arch.ts';
import {archiveOf, identityOf, type PinnedPackage, unpack} from './pinned-package.ts';

export const NODE_VERSION = pin.version;

/** The path of the npm package that holds `node.exe`, whole and as `.ci/node-win.json` names it. Throws Fault. */
export function nodeArchive(arch: Arch, work: string): Promise<string> {
  return archiveOf(nodePackage(arch), work);
}

/** Unpacks `node.exe` into the folder `into` and gives its path. */
export function unpackNodeExe(archive: string, into: string): Promise<string> {
  return unpack(archive, 'package/bin/node.exe', into);
}

/** Names what the exe is made from, for deciding whether it has to be made again. */
export function nodeExeIdentity(arch: Arch): string {
  return identityOf(nodePackage(arch));
}

function nodePackage(arch: Arch): PinnedPackage {
  const about = `node.exe ${pin.version} for ${arch} (about 30 MB)`;
  return {...pin.packages[arch], version: pin.version, pin: 'node-win', about};
}
