import {type BigIntStats, lstatSync, readlinkSync} from 'node:fs';
import {dirname, isAbsolute, join} from 'node:path';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';

const OTHERS_WRITE = 0o022n;
const STICKY = 0o1000n;

/** As many links as the kernel follows on one path (path_resolution(7)). */
const LINKS_MAX = 40;

/** A folder that was looked at, or what there is of the way to it. */
export type TrustedFolder = {
  /** Without links; of the innermost folder that exists. */
  path: string;
  /** Identifies it, together. */
  dev: bigint;
  ino: bigint;
  /** Others may make files in it, and not take away what is somebody else's: it is sticky. */
  shared: boolean;
};

/**
 * The folder at `folder`, or the innermost one there is on the way to it. Nobody but this user and root can put
 * something else in its place, or in the place of anything on the way: every folder and every link belongs to one of
 * the two, and folders that others can write are sticky. Throws UserError, `permission` unless it cannot be looked at.
 */
export function trustedFolder(folder: string): TrustedFolder {
  let path = '/';
  let stats = look(path);
  const trusted = trustedOwners(stats);
  checkFolder(path, stats, trusted);
  const rest = names(folder);
  for (let links = 0; ; ) {
    const name = rest.shift();
    if (name === undefined) break;
    const next = name === '..' ? dirname(path) : join(path, name);
    const found = lookIfThere(next);
    if (found === undefined) break;
    checkOwner(next, found, trusted);
    if (found.isSymbolicLink()) {
      if (++links > LINKS_MAX) throw cannotLook(folder, 'too many links');
      const target = readlinkSync(next);
      rest.unshift(...names(target));
      if (isAbsolute(target)) path = '/';
      continue;
    }
    checkFolder(next, found, trusted);
    [path, stats] = [next, found];
  }
  return {path, dev: stats.dev, ino: stats.ino, shared: othersWrite(stats)};
}

function names(path: string): string[] {
  return path.split('/').filter(name => name !== '' && name !== '.');
}

/** Whose folders are safe: mine, root's, and those of whoever owns the root folder, who can change everything anyway. */
function trustedOwners(root: BigIntStats): ReadonlySet<bigint> {
  return new Set([BigInt(process.getuid?.() ?? 0), 0n, root.uid]);
}

function checkOwner(path: string, {uid}: BigIntStats, trusted: ReadonlySet<bigint>): void {
  if (trusted.has(uid)) return;
  throw new UserError(
    `${path} belongs to user ${uid}, not to you (${process.getuid?.()})`,
    'choose a folder of your own for the socket',
    'permission',
  );
}

function checkFolder(path: string, stats: BigIntStats, trusted: ReadonlySet<bigint>): void {
  if (!stats.isDirectory())
    throw new UserError(`${path} is no folder`, `ls -ld ${shellWord(path)}`, 'cannotListen');
  checkOwner(path, stats, trusted);
  if (!othersWrite(stats) || (stats.mode & STICKY) !== 0n) return;
  throw new UserError(
    `others can write to the folder ${path} (mode ${(stats.mode & 0o7777n).toString(8)})`,
    isOnesOwn(path, stats) ? `chmod go-w ${shellWord(path)}` : 'choose a folder of your own for the socket',
    'permission',
  );
}

function othersWrite({mode}: BigIntStats): boolean {
  return (mode & OTHERS_WRITE) !== 0n;
}

/** Whether it is for this user alone to say who may write there; what is root's is everybody's. */
function isOnesOwn(path: string, {uid}: BigIntStats): boolean {
  if (uid !== BigInt(process.getuid?.() ?? -1)) return false;
  const homes = [process.env.HOME, process.env.XDG_RUNTIME_DIR].filter(home => home?.startsWith('/'));
  return uid !== 0n || homes.some(home => `${path}/`.startsWith(`${home?.replace(/\/+$/, '')}/`));
}

function look(path: string): BigIntStats {
  try {
    return lstatSync(path, {bigint: true});
  } catch (error) {
    throw cannotLook(path, (error as Error).message);
  }
}

function lookIfThere(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, {bigint: true, throwIfNoEntry: false});
  } catch (error) {
    throw cannotLook(path, (error as Error).message);
  }
}

function cannotLook(path: string, reason: string): UserError {
  return new UserError(
    `cannot look at ${path}: ${reason}`,
    `ls -ld ${shellWord(dirname(path))}`,
    'cannotListen',
  );
}
