import {access} from 'node:fs/promises';
import path from 'node:path';
import {queryRegistry} from '../system/registry.ts';

const WINDOWS = process.platform === 'win32';
const GPGCONF = WINDOWS ? 'gpgconf.exe' : 'gpgconf';
const REGISTRY_MS = 3000;

/**
 * Finds every gpgconf, the likeliest first: on PATH, where the installers of GnuPG and Gpg4win put it, and where they
 * say in the registry. Gives full paths. PATH is searched by hand because Windows would look in the current folder first.
 */
export async function* findGpgconf(): AsyncGenerator<string, void> {
  const seen = new Set<string>();
  for (const folder of [...pathFolders(), ...installFolders()]) {
    const file = path.join(folder, GPGCONF);
    if (!seen.has(file) && (await exists(file))) yield file;
    seen.add(file);
  }
  if (!WINDOWS) return;
  for (const view of ['32', '64']) {
    const root = await installDirectory(view);
    const file = root === undefined ? undefined : path.join(root, 'bin', GPGCONF);
    if (file !== undefined && !seen.has(file) && (await exists(file))) yield file;
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

function pathFolders(): string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.map(folder => folder.replaceAll('"', '')).filter(folder => path.isAbsolute(folder));
}

/** GnuPG up to 2.4 is a 32-bit program, Gpg4win 5 may be one of 64 bits. */
function installFolders(): string[] {
  if (!WINDOWS) return [];
  const roots = [process.env['ProgramFiles(x86)'], process.env.ProgramFiles, process.env.ProgramW6432];
  return roots.flatMap(root => (root ? [`${root}\\GnuPG\\bin`, `${root}\\Gpg4win\\bin`] : []));
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
