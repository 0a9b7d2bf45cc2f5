import {NtExecutable, NtExecutableResource, Resource} from 'resedit';

/** What Windows and Explorer read from an exe's headers and resources. */
export interface PeFacts {
  machine: number;
  subsystem: number;
  /** Bytes of the Authenticode table; 0 is "not signed". */
  certificateBytes: number;
  versions: {fileVersion: number[]; strings: Record<string, string>}[];
  iconSizes: number[];
}

/** PE's numbers for the machine type, from Microsoft's "PE Format". */
export const MACHINE = {x64: 0x8664, arm64: 0xaa64} as const;
/** IMAGE_SUBSYSTEM_WINDOWS_CUI: WSL ends only console programs with their Linux side. */
export const CONSOLE_SUBSYSTEM = 3;
/** IMAGE_DIRECTORY_ENTRY_SECURITY. */
const CERTIFICATE_TABLE = 4;

/** Parses a whole exe; throws when it is not one. */
export function readPe(bytes: Uint8Array): PeFacts {
  const exe = NtExecutable.from(bytes, {ignoreCert: true});
  const {entries} = NtExecutableResource.from(exe);
  return {
    machine: exe.newHeader.fileHeader.machine,
    subsystem: exe.newHeader.optionalHeader.subsystem,
    certificateBytes: exe.newHeader.optionalHeaderDataDirectory.get(CERTIFICATE_TABLE).size,
    versions: Resource.VersionInfo.fromEntries(entries).map(info => ({
      fileVersion: [
        info.fixedInfo.fileVersionMS >>> 16,
        info.fixedInfo.fileVersionMS & 0xffff,
        info.fixedInfo.fileVersionLS >>> 16,
        info.fixedInfo.fileVersionLS & 0xffff,
      ],
      strings: Object.assign({}, ...info.getAllLanguagesForStringValues().map(l => info.getStringValues(l))),
    })),
    iconSizes: Resource.IconGroupEntry.fromEntries(entries).flatMap(group =>
      // A directory holds one byte per edge, where 0 means 256.
      group.icons.map(icon => icon.width || 256),
    ),
  };
}
