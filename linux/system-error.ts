import {accessSync, constants, type Stats, statSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import {shellWord} from '../shared/text.ts';
import {UserError} from './errors.ts';
import {ancestors} from './system/folders.ts';

/** Variables that name a place, and how to get the usual one back. */
const NAMED_BY = [
  {name: 'XDG_RUNTIME_DIR', hint: 'export XDG_RUNTIME_DIR=/run/user/$(id -u)'},
  {name: 'WSLAGENT_HELPER', hint: 'unset WSLAGENT_HELPER'},
  {name: 'XDG_CONFIG_HOME', hint: 'unset XDG_CONFIG_HOME'},
  {name: 'XDG_STATE_HOME', hint: 'unset XDG_STATE_HOME'},
];

/** What runs out whatever the path is. */
const OUT_OF = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'];

/**
 * What the operating system refused, with its cure: for every error of node:fs that no command has words of its own for.
 * Undefined for any other error, which is a bug.
 */
export function systemError(error: unknown): UserError | undefined {
  const {code, syscall, path, message} = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || code === undefined || syscall === undefined) return undefined;
  if (path === undefined) return withoutPath(code, message);
  if (syscall.startsWith('spawn') && !OUT_OF.includes(code))
    return new UserError(`${path} cannot be started (${code})`, `ls -l ${shellWord(path)}`);
  const place = resolve(path);
  return withPath(code, place, message);
}

function withPath(code: string, path: string, message: string): UserError {
  const word = shellWord(path);
  const folder = shellWord(nearestFolder(path));
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return forbidden(path);
    case 'EROFS':
      return new UserError(
        `${path} cannot be written: its file system is read-only`,
        `sudo mount -o remount,rw "$(findmnt -no TARGET -T ${folder})"`,
      );
    case 'ENOSPC':
      return new UserError(`no space is left on the disk of ${path}`, `df -h ${folder}`);
    case 'EDQUOT':
      return new UserError(`your quota on the disk of ${path} is used up`, `df -h ${folder}`);
    case 'ENOENT':
      return new UserError(`${path} does not exist`, `ls -ld ${folder}`);
    case 'ENOTDIR': {
      const file = shellWord(nearest(path));
      return new UserError(`${nearest(path)} is a file, and has to be a folder`, `mv ${file} ${file}.old`);
    }
    case 'EISDIR':
      return new UserError(`${path} is a folder, and has to be a file`, `mv ${word} ${word}.old`);
    case 'ELOOP':
      return new UserError(`${path} is a link that leads to itself`, `ls -l ${word}`);
    case 'ENAMETOOLONG':
      return new UserError(`the path ${path} is too long`, `ls -ld ${folder}`);
    case 'EIO':
      return new UserError(`the disk of ${path} fails`, 'sudo dmesg | tail');
    default:
      return OUT_OF.includes(code)
        ? withoutPath(code, message)
        : new UserError(message, `ls -ld ${shellWord(nearest(path))}`);
  }
}

function withoutPath(code: string, message: string): UserError {
  switch (code) {
    case 'EMFILE':
      // Node has taken all that the hard limit allows
      return new UserError('this process may open no more files', 'sudo prlimit --nofile=65536 --pid $$');
    case 'ENFILE':
      return new UserError('the system has no more open files to give', 'cat /proc/sys/fs/file-nr');
    case 'ENOSPC':
    case 'EDQUOT':
      return new UserError('no space is left on the disk', 'df -h');
    case 'ENOMEM':
    case 'EAGAIN':
      return new UserError(`the system has not enough memory or processes left: ${message}`, 'free -h');
    default:
      return new UserError(message, 'sudo dmesg | tail');
  }
}

/** Who may not do it, and the cure for what stands in the way. */
function forbidden(path: string): UserError {
  const {place, stats} = obstacle(path);
  const me = process.getuid?.() ?? 0;
  const variable = NAMED_BY.find(
    ({name}) => isBelow(place, process.env[name]) || isBelow(path, process.env[name]),
  );
  const whose = stats === undefined || stats.uid === me ? '' : `, which belongs to user ${stats.uid}`;
  const by = variable === undefined ? '' : `, which ${variable.name} names`;
  const message = `you may not use ${path}${place === path ? '' : `: not ${place}`}${whose || by}`;
  const word = shellWord(place);
  if (stats?.uid === me) return new UserError(message, `chmod u+rw${stats.isDirectory() ? 'x' : ''} ${word}`);
  if (variable !== undefined) return new UserError(message, variable.hint);
  return new UserError(
    message,
    isBelow(place, process.env.HOME) ? `sudo chown -R "$(id -u):$(id -g)" ${word}` : `ls -ld ${word}`,
  );
}

/** What on the way to a path this user may not pass, read or write. */
function obstacle(path: string): {place: string; stats: Stats | undefined} {
  const place =
    ancestors(path)
      .filter(folder => statsOf(folder)?.isDirectory() ?? true)
      .find(folder => refusal(folder, constants.X_OK) !== undefined) ??
    (exists(path) && refusal(path, constants.R_OK) !== undefined ? path : nearest(path));
  return {place, stats: statsOf(place)};
}

/** The path itself, or what is there of the way to it. */
function nearest(path: string): string {
  return exists(path) || dirname(path) === path ? path : nearest(dirname(path));
}

function nearestFolder(path: string): string {
  const place = nearest(path);
  return statsOf(place)?.isDirectory() ? place : dirname(place);
}

function exists(path: string): boolean {
  return statsOf(path) !== undefined;
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, {throwIfNoEntry: false});
  } catch {
    return undefined;
  }
}

/** Why a place may not be used as `how` says (access(2)); undefined when it may. */
function refusal(path: string, how: number): string | undefined {
  try {
    accessSync(path, how);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function isBelow(path: string, folder: string | undefined): boolean {
  if (folder === undefined || !folder.startsWith('/')) return false;
  const top = resolve(folder);
  return path === top || path.startsWith(`${top}/`);
}
