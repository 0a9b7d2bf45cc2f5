import {existsSync, readdirSync} from 'node:fs';
import path from 'node:path';

/** The Windows name of a Linux path: `C:\…` below the prefix's drive, `Z:\…` (WSL: `\\wsl.localhost\…`) elsewhere. */
export function toWindowsPath(winePrefix: string, linuxPath: string): string {
  const drive = path.join(winePrefix, 'drive_c');
  const absolute = path.resolve(linuxPath);
  const inside = absolute === drive || absolute.startsWith(`${drive}/`);
  const rest = inside ? absolute.slice(drive.length) || '/' : absolute;
  return `${inside ? 'C' : 'Z'}:${rest.replaceAll('/', '\\')}`;
}

/** The entry of `folder` that Windows would find for `name`, where case does not count. */
function onDisk(folder: string, name: string): string {
  if (existsSync(path.join(folder, name)) || !existsSync(folder)) return name;
  return readdirSync(folder).find(entry => entry.toLowerCase() === name.toLowerCase()) ?? name;
}

/** The Linux name of an absolute Windows path on drive C or Z. What exists is found in any case, as on Windows. */
export function toLinuxPath(winePrefix: string, windowsPath: string): string {
  const match = /^([cz]):(?:[\\/](.*))?$/is.exec(windowsPath);
  if (!match?.[1]) throw new Error(`not an absolute path on drive C or Z: ${windowsPath}`);
  const root = match[1].toLowerCase() === 'c' ? path.join(winePrefix, 'drive_c') : '/';
  const names = (match[2] ?? '').split(/[\\/]+/).filter(name => name !== '');
  return names.reduce((folder, name) => path.join(folder, onDisk(folder, name)), root);
}
