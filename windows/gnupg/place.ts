import path from 'node:path';
import {parseListDirs} from '../../shared/assuan/list-dirs.ts';
import {type Failure, FailureError} from '../../shared/failure.ts';
import {GNUPG_SOCKETS, type GnupgSocket} from '../../shared/target.ts';
import {run} from '../system/run.ts';
import {exists, findGpgconf, type Gpgconf} from './find.ts';

/** What gpgconf says: where it is, and the directories and sockets by their names. */
export type Gnupg = {gpgconf: string; dirs: Map<string, string>};

/** Where a socket should be; `gpgconf` is there when it is GnuPG's own word. */
export type SocketPlace = {path: string; gpgconf?: string};

const LIST_DIRS_MS = 10_000;

/** GnuPG, and every gpgconf that came before it and is of no use. */
type Search = {found?: Gnupg; useless: Gpgconf[]};

let asked: Promise<Search> | undefined;

/** GnuPG as it is installed; asked once for all connections. Undefined when there is none, or it does not work. */
export async function gnupg(): Promise<Gnupg | undefined> {
  return (await search()).found;
}

async function search(): Promise<Search> {
  asked ??= ask();
  const result = await asked;
  // It may be installed while we run.
  if (result.found === undefined) asked = undefined;
  return result;
}

/** Asks anew the next time: a socket was not where it should be. */
export function forgetGnupg(): void {
  asked = undefined;
}

async function ask(): Promise<Search> {
  const useless: Gpgconf[] = [];
  for await (const candidate of findGpgconf()) {
    const {file: gpgconf, refused} = candidate;
    if (refused !== undefined) {
      useless.push(candidate);
      continue;
    }
    const {code, stdout} = await run(gpgconf, ['--list-dirs'], LIST_DIRS_MS, true);
    const dirs = parseListDirs(stdout);
    if (code === 0 && isNativePath(dirs.get('agent-socket') ?? '')) return {found: {gpgconf, dirs}, useless};
    useless.push(candidate);
  }
  return {useless};
}

/** The gpgconf.exe of Git for Windows and of Cygwin name Unix paths: their agent is not the one of Gpg4win. */
export function isNativePath(file: string, platform: NodeJS.Platform = process.platform): boolean {
  return platform === 'win32' ? /^([a-z]:[\\/]|\\\\[^\\/])/i.test(file) : path.posix.isAbsolute(file);
}

/** Where the socket is, by gpgconf's word or by where it usually is. Throws FailureError `gnupgMissing`. */
export async function placeOf(socket: GnupgSocket): Promise<SocketPlace> {
  const {found, useless} = await search();
  if (found !== undefined) return {path: socketPath(found.dirs, socket), gpgconf: found.gpgconf};
  for (const folder of usualFolders()) {
    const file = path.join(folder, GNUPG_SOCKETS[socket]);
    if (await exists(file)) return {path: file};
  }
  throw new FailureError(missing(useless));
}

function missing(useless: Gpgconf[]): Failure {
  const failure = (why: string, hint = 'winget.exe install GnuPG.Gpg4win'): Failure => ({
    reason: 'gnupgMissing',
    message: `gnupg was not found on windows: ${why}`,
    hint,
  });
  const first = useless.find(({refused}) => refused !== undefined) ?? useless[0];
  if (first === undefined) return failure('no gpgconf.exe on the path or in its usual folders');
  const {file, refused} = first;
  if (refused !== undefined) return failure(`${file} is not run, because ${refused}`);
  return failure(
    `${file} names no windows folder for its sockets`,
    `see what it says: "${file}" --list-dirs`,
  );
}

/** Older gpgconf do not name every socket, but the folder where all of them are. */
export function socketPath(dirs: Map<string, string>, socket: GnupgSocket): string {
  const named = dirs.get(socket);
  if (named !== undefined) return named;
  const folder = dirs.get('socketdir') ?? path.dirname(dirs.get('agent-socket') ?? '');
  return path.join(folder, GNUPG_SOCKETS[socket]);
}

/** GnuPG's folders for sockets since 2.3.2 and 2.2.30, and before (homedir.c). */
function usualFolders(): string[] {
  return [process.env.LOCALAPPDATA, process.env.APPDATA].flatMap(folder =>
    folder ? [path.join(folder, 'gnupg')] : [],
  );
}
