import {mkdtemp} from 'node:fs/promises';
import {join} from 'node:path';
import pin from '../koffi-win.json' with {type: 'json'};
import type {Arch} from './arch.ts';
import {archiveOf, identityOf, type PinnedPackage, unpack} from './pinned-package.ts';

export const KOFFI_VERSION = pin.version;

/** What koffi's native file is called beside the exe, which looks for it there under this name. */
export const KOFFI_NAMES: Readonly<Record<Arch, string>> = {
  x64: 'koffi-x64.node',
  arm64: 'koffi-arm64.node',
};

/** Fetches koffi's native file as `.ci/koffi-win.json` names it and gives its path inside `work`. Throws Fault. */
export async function koffiFile(arch: Arch, work: string): Promise<string> {
  const archive = await archiveOf(koffiPackage(arch), work);
  return unpack(archive, memberOf(arch), await mkdtemp(join(work, `koffi-${arch}-`)));
}

/** Names what the file is made from, for deciding whether it has to be put there again. */
export function koffiIdentity(arch: Arch): string {
  return `${identityOf(koffiPackage(arch))} ${memberOf(arch)}`;
}

function memberOf(arch: Arch): string {
  return `package/win32_${arch}/koffi.node`;
}

function koffiPackage(arch: Arch): PinnedPackage {
  const about = `koffi ${pin.version} for ${arch} (less than 1 MB)`;
  return {...pin.packages[arch], version: pin.version, pin: 'koffi-win', about};
}
