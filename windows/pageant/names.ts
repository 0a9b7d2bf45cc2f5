import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {protectMemory} from '../native/crypt32.ts';
import {logonName, principalName} from '../native/user-name.ts';
import {pipePath} from '../targets/pipe-name.ts';
import {pageantBlock, pageantPipeName, pageantPipesOf} from './pipe-name.ts';

/** All three stay the same for as long as we run. */
let block: Uint8Array | undefined;
let here: string[] | undefined;
let users: Promise<string[]> | undefined;

/** What Pageant's pipe of this user is called. */
export function pipeNameOf(user: string): string {
  if (block === undefined) {
    block = pageantBlock();
    // PuTTY goes on with the plain block, too, where crypt32 fails.
    if (process.platform === 'win32') protectMemory(block);
  }
  return pageantPipeName(user, block);
}

/** The user as this machine calls them. */
export function thisUser(): string[] {
  if (here === undefined) {
    const name = process.platform === 'win32' ? logonName() : os.userInfo().username;
    here = name === undefined ? [] : [name];
  }
  return here;
}

/**
 * The user as their domain calls them, and as this machine does: PuTTY takes the first where there is one
 * (get_username.c), and a Pageant that was started far from the domain did not hear it.
 */
export function allUsers(): Promise<string[]> {
  users ??= askUsers();
  return users;
}

async function askUsers(): Promise<string[]> {
  const principal = process.platform === 'win32' ? await principalName() : undefined;
  const [short] = principal?.split('@') ?? [];
  return [...(short ? [short] : []), ...thisUser()];
}

/** All Pageants' pipes of the user that there are; none where Windows does not list them, as Wine does not. */
export async function listedPipes(): Promise<string[]> {
  // On Linux a pipe is a Unix socket in a folder.
  const folder = process.platform === 'win32' ? '\\\\.\\pipe\\' : path.dirname(pipePath('x'));
  try {
    return pageantPipesOf(await allUsers(), await fs.promises.readdir(folder));
  } catch {
    return [];
  }
}
