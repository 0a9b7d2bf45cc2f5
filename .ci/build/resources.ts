import {Data, NtExecutable, NtExecutableResource, Resource} from 'resedit';
import {iconImages} from './icon.ts';

/** What the exe says about itself in Explorer's "Details". */
export interface Identity {
  /** `major.minor.patch` */
  version: string;
  originalFilename: string;
  description: string;
  copyright: string;
}

const RT_ICON = 3;
const RT_GROUP_ICON = 14;
const RT_VERSION = 16;
const ENGLISH = 0x409;
const UNICODE = 1200;
/** VOS_NT_WINDOWS32 and VFT_APP. */
const FILE_OS = 0x40004;
const FILE_TYPE = 1;

/**
 * Gives node.exe our version and icon in place of Node's, and drops its signature, which no longer fits the
 * bytes. Has to happen before the script goes in: resedit moves sections about.
 */
export function withIdentity(nodeExe: Uint8Array, identity: Identity): Uint8Array {
  const exe = NtExecutable.from(nodeExe, {ignoreCert: true});
  const resources = NtExecutableResource.from(exe);
  const replaced = [RT_ICON, RT_GROUP_ICON, RT_VERSION];
  resources.entries = resources.entries.filter(entry => !replaced.includes(Number(entry.type)));
  versionInfo(identity).outputToResourceEntries(resources.entries);
  const icons = iconImages().map(({size, dib}) => Data.IconItem.from(size, size, dib));
  Resource.IconGroupEntry.replaceIconsForResource(resources.entries, 1, ENGLISH, icons);
  resources.outputResource(exe);
  return new Uint8Array(exe.generate());
}

function versionInfo({version, originalFilename, description, copyright}: Identity): Resource.VersionInfo {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const high = major * 0x10000 + minor;
  const low = patch * 0x10000;
  return Resource.VersionInfo.create({
    lang: ENGLISH,
    fixedInfo: {
      fileVersionMS: high,
      fileVersionLS: low,
      productVersionMS: high,
      productVersionLS: low,
      fileFlagsMask: 0x3f,
      fileOS: FILE_OS,
      fileType: FILE_TYPE,
    },
    strings: [
      {
        lang: ENGLISH,
        codepage: UNICODE,
        values: {
          CompanyName: 'wslagent',
          FileDescription: description,
          FileVersion: version,
          InternalName: 'wslagent-helper',
          LegalCopyright: copyright,
          OriginalFilename: originalFilename,
          ProductName: 'wslagent',
          ProductVersion: version,
        },
      },
    ],
  });
}
