import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {readdir, rm, symlink} from 'node:fs/promises';
import path from 'node:path';

/** Where `init.sh` puts what it makes; private to the namespace. */
export const base = '/run/wslagent-twin';

/**
 * The places that programs find without asking the environment: the home that passwd names (ssh, sshd), `/run/user/UID`
 * (gpg's sockets) and the prefix of an exe that is started with no environment at all. There is one of each.
 */
export interface Seat {
  home: string;
  runtimeDir: string;
  setPrefix(winePrefix: string): Promise<void>;
  release(): Promise<void>;
}

/** Takes the seat for this process, until it is released or the process is gone; undefined while another has it. */
export function takeSeat(uid: number): Seat | undefined {
  const claim = path.join(base, 'seat');
  try {
    writeFileSync(claim, String(process.pid), {flag: 'wx'});
  } catch {
    if (existsSync(path.join('/proc', readFileSync(claim, 'utf8')))) return undefined;
    rmSync(claim);
    return takeSeat(uid);
  }
  const home = path.join(base, 'home');
  const runtimeDir = `/run/user/${uid}`;
  const prefix = path.join(base, 'prefix');
  return {
    home,
    runtimeDir,
    setPrefix: winePrefix => symlink(winePrefix, prefix),
    async release() {
      for (const folder of [home, runtimeDir]) {
        for (const entry of await readdir(folder))
          await rm(path.join(folder, entry), {recursive: true, force: true});
      }
      await rm(prefix, {force: true});
      await rm(claim);
    },
  };
}
