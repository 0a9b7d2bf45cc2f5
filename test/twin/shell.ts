/*
 * `npm run twin`: a shell in a twin, or with arguments one command: `npm run twin -- ssh-add -l`.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {enter} from './enter.ts';
import {twinMissing} from './missing.ts';
import {findProgram} from './programs.ts';
import {startTwin, twinHasSystemd} from './twin.ts';

const inside = '--inside';

async function outside(command: readonly string[]): Promise<number> {
  const missing = twinMissing('wine');
  if (missing.length > 0) {
    console.error('twin: error: a twin cannot run on this machine');
    for (const sentence of missing) console.error(`twin: hint: ${sentence}`);
    return 1;
  }
  return enter([process.execPath, fileURLToPath(import.meta.url), inside, ...command]);
}

async function openTwin(command: readonly string[]): Promise<number> {
  const systemd = twinHasSystemd();
  const twin = await startTwin({systemd});
  try {
    const [file, ...args] = command.length > 0 ? command : [findProgram('bash') ?? 'sh'];
    if (command.length === 0) {
      console.log(`a stand-in for WSL2, until you leave this shell:
  Windows programs run by name      "$(wslpath 'C:\\windows\\system32\\cmd.exe')" /c ver
  C: is on the Linux side           ${twin.localAppData.linux}
  the system's own user manager     ${systemd ? 'systemctl --user list-sockets' : `left out (${twinMissing('systemd')[0]})`}
  the build from this folder        node dist/wslagent.mjs status
  what is real and what is not      less test/twin/README.md`);
    }
    const terminal = {TERM: process.env.TERM ?? 'dumb', PS1: 'twin:\\w\\$ '};
    const child = spawn(file ?? 'sh', args, {stdio: 'inherit', env: {...twin.env, ...terminal}});
    // a Ctrl-C is for the command; leaving is the command's too
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    const [code] = await once(child, 'exit');
    return command.length > 0 ? (code ?? 1) : 0;
  } finally {
    await twin.stop();
  }
}

const args = process.argv.slice(2);
process.exitCode = args[0] === inside ? await openTwin(args.slice(1)) : await outside(args);
