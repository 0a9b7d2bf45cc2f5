import {type BigIntStats, lstatSync, renameSync, unlinkSync} from 'node:fs';
import {connect, type Server} from 'node:net';
import {dirname, join} from 'node:path';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import {type TrustedFolder, trustedFolder} from '../system/trusted-folder.ts';
import {inUse} from './in-use.ts';

/** Clients that may wait to be accepted; the kernel caps it at net.core.somaxconn. */
export const BACKLOG = 1024;

/**
 * Takes a path in a folder that was looked at for a server: stale sockets are replaced, everything else is respected.
 * Returns what identifies the file. Throws UserError, with nothing of ours left there.
 */
export async function bind(server: Server, path: string, folder: TrustedFolder): Promise<BigIntStats> {
  await clearStale(path);
  // nobody else may connect, not even in the moment between bind and chmod
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({path, backlog: BACKLOG}, () => {
        server.off('error', reject);
        resolve();
      });
      process.umask(mask);
    });
  } catch (error) {
    throw await cannotListen(path, error as NodeJS.ErrnoException);
  } finally {
    process.umask(mask);
  }
  const own = stat(path);
  const mine = own?.isSocket() === true && own.uid === BigInt(process.getuid?.() ?? 0);
  try {
    checkSameFolder(path, folder);
    if (mine) return own;
    throw replaced(path);
  } catch (error) {
    unbind(server, path, mine ? own : undefined);
    throw error;
  }
}

/** The path may lead elsewhere than when its folder was looked at. */
function checkSameFolder(path: string, {dev, ino}: TrustedFolder): void {
  const folder = trustedFolder(dirname(path));
  if (folder.dev !== dev || folder.ino !== ino) throw replaced(path);
}

function replaced(path: string): UserError {
  return new UserError(
    `${dirname(path)} was replaced while the socket was made in it`,
    `ls -ld ${shellWord(dirname(path))}`,
    'permission',
  );
}

/**
 * Closes a server that `bind` opened. libuv removes the file of that name without a look, so one that
 * somebody else put there meanwhile is moved aside for that moment.
 */
export function unbind(server: Server, path: string, own: BigIntStats | undefined): void {
  const now = stat(path);
  if (now === undefined || (own !== undefined && same(now, own))) {
    server.close();
    return;
  }
  const aside = join(dirname(path), `.${process.pid}.aside`);
  try {
    renameSync(path, aside);
    server.close();
    renameSync(aside, path);
  } catch {
    // the folder is not ours any more: whatever is there, our own end must be closed
    server.close();
  }
}

/** Takes away the file that was bound, unless somebody else has put his own there. Never throws. */
export function removeOwn(path: string, own: BigIntStats): void {
  try {
    const now = stat(path);
    if (now !== undefined && same(now, own)) unlinkSync(path);
  } catch {
    // the folder is not ours any more
  }
}

/** What identifies a file that was bound. */
function stat(path: string): BigIntStats | undefined {
  return lstatSync(path, {bigint: true, throwIfNoEntry: false});
}

function same(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.birthtimeNs === b.birthtimeNs;
}

async function clearStale(path: string): Promise<void> {
  const before = stat(path);
  if (before === undefined) return;
  if (!before.isSocket())
    throw new UserError(
      `${path} exists and is no socket; left alone`,
      `ls -l ${shellWord(path)}`,
      'cannotListen',
    );
  const answer = await knock(path);
  if (answer === 'ENOENT') return;
  if (answer !== 'ECONNREFUSED') throw await inUse(path, answer);
  // two relays that start together must not remove each other's new socket
  const now = stat(path);
  if (now === undefined || !same(now, before)) return;
  try {
    unlinkSync(path);
  } catch (error) {
    // in a folder of everybody's
    throw await inUse(path, (error as NodeJS.ErrnoException).code);
  }
}

/** Tries to connect: undefined when somebody accepts, else the error's code. */
function knock(path: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

async function cannotListen(path: string, error: NodeJS.ErrnoException): Promise<UserError> {
  if (error.code === 'EADDRINUSE') return inUse(path, undefined);
  return new UserError(
    `cannot listen on ${path}: ${error.message}`,
    `ls -ld ${shellWord(dirname(path))}`,
    'cannotListen',
  );
}
