import {access} from 'node:fs/promises';
import path from 'node:path';
import {queryRegistry} from '../system/registry.ts';
import {whyNotRun} from './may-run.ts';

const WINDOWS = process.platform === 'win32';
const GPGCONF = WINDOWS ? 'gpgconf.exe' : 'gpgconf';
const REGISTRY_MS = 3000;

/** A gpgconf by its full path, and why it is not to be run, if there is a reason. */
export type Gpgconf = {file: string; refused: string | undefined};

/**
 * Finds every gpgconf, the likeliest first: where the installers of GnuPG and Gpg4win put it, where they say in the
 * registry, and on PATH, which many programs change. PATH is searched by hand because Windows would look in the current
 * folder first.
 */
export async function* findGpgconf(): AsyncGenerator<Gpgconf, void> {
  const seen = new Set<string>();
  for (const places of [installFolders, registryFolders, pathFolders])
    for await (const folder of places()) {
      const file = path.join(folder, GPGCONF);
      const key = WINDOWS ? file.toLowerCase() : file;
      if (!seen.has(key) && (await exists(file)))
        yield {file, refused: await whyNotRun(file, places === installFolders)};
      seen.add(key);
    }
}

/** Whether a file exists. Only for disk files: asking for a pipe this way would connect to it. */
export async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}

/** GnuPG up to 2.4 is a 32-bit program, Gpg4win 5 may be one of 64 bits. */
function installFolders(): string[] {
  if (!WINDOWS) return [];
  const roots = [process.env['ProgramFiles(x86)'], process.env.ProgramFiles, process.env.ProgramW6432];
  return roots.flatMap(root => (root ? [`${root}\\GnuPG\\bin`, `${root}\\Gpg4win\\bin`] : []));
}

async function* registryFolders(): AsyncGenerator<string, void> {
  if (!WINDOWS) return;
  for (const view of ['32', '64']) {
    const root = await installDirectory(view);
    if (root !== undefined && isFullPath(root)) yield path.join(root, 'bin');
  }
}

function pathFolders(): string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.map(folder => folder.replaceAll('"', '')).filter(folder => isFullPath(folder));
}

/**
 * Whether a folder is the same wherever we are: neither relative, nor to the current drive (`\tools`), nor on another
 * machine, which alone says whose its files are.
 */
export function isFullPath(folder: string, platform: NodeJS.Platform = process.platform): boolean {
  return platform === 'win32' ? /^[a-z]:[\\/]/i.test(folder) : path.posix.isAbsolute(folder);
}

async function installDirectory(view: string): Promise<string | undefined> {
  const query = ['HKLM\\SOFTWARE\\GnuPG', '/v', 'Install Directory', `/reg:${view}`];
  const output = await queryRegistry(query, REGISTRY_MS);
  return output === undefined ? undefined : parseRegistryText(output, 'Install Directory');
}

/** The text of a value in what `reg.exe query` prints: name, type and text in columns. */
export function parseRegistryText(output: string, name: string): string | undefined {
  for (const line of output.split(/\r?\n/)) {
    const [found, text] = line.trim().split(/\s+REG_SZ\s+/);
    if (found === name && text !== undefined && text !== '') return text;
  }
  return undefined;
}
