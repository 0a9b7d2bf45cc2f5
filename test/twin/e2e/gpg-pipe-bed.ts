/** gpg-agent.exe with a pipe for the programs of OpenSSH, which serves one client at a time. */
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {type GnupgKey, makeGnupgKey, offerToSsh} from '../agents/gnupg-keys.ts';
import {toWindowsPath} from '../windows-paths.ts';
import {type GpgBed, startGpgBed} from './gpg-bed.ts';

export const GPG_PIPE = 'pipe:openssh-ssh-agent';

export type GpgPipeBed = GpgBed & {
  key: GnupgKey;
  /** What went wrong with the pipe, by gpg-agent's log: its thread ends with the first error, and nothing else does. */
  pipeErrors(): Promise<string>;
};

/** Starts a twin whose gpg-agent runs, serves the pipe, and offers one key to ssh. */
export async function startGpgPipeBed(): Promise<GpgPipeBed> {
  const bed = await startGpgBed();
  try {
    const {home} = bed.gnupg;
    const logFile = path.join(home, 'agent.log');
    const logged = toWindowsPath(bed.twin.env.WINEPREFIX ?? '', logFile);
    await mkdir(home, {recursive: true});
    await writeFile(
      path.join(home, 'gpg-agent.conf'),
      `enable-win32-openssh-support\nverbose\nlog-file ${logged}\n`,
    );
    const key = await makeGnupgKey(bed.gnupg, 'Ada <ada@example.org>');
    await offerToSsh(bed.gnupg, key.grips.auth);
    const pipeErrors = async () => {
      const lines = (await readFile(logFile, 'utf8')).split(/\r?\n/);
      return lines.filter(line => /ConnectNamedPipe|cannot create pipe/.test(line)).join('\n');
    };
    return {...bed, key, pipeErrors};
  } catch (error) {
    await bed.stop();
    throw error;
  }
}
