/** All ways, ours and the peers, by the names that `--paths` takes. */
import {statSync} from 'node:fs';
import {mkdir, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {builtExe, DIST} from '../../../linux/helper-command.ts';
import {findProgram} from '../../twin/programs.ts';
import {startChild, startedListening} from '../child.ts';
import {processesOf} from '../processes.ts';
import {startDirectClient} from './direct-client.ts';
import {socketClient} from './socket-client.ts';
import type {Bed, Running, Target, Way} from './way.ts';

/** `helper.max` as it is when nobody configures it. */
const HELPERS_MOST = 32;

/** What a process of the exe has for itself under Wine, its image included, in MiB. */
const EXE_MEBIBYTES = 130;
const NPIPERELAY_MEBIBYTES = 12;

/** The exe of npiperelay to measure beside; its own release, or built from its sources. */
const npiperelay = () => process.env.BENCH_NPIPERELAY ?? '';

export const WAYS: readonly Way[] = [
  relay('wslagent', 'overflow', {mebibytesEach: 1}),
  relay('wslagent-never', 'never', {
    mebibytesEach: EXE_MEBIBYTES,
    startsPrograms: true,
    most: {connections: HELPERS_MOST, why: `helper.max is ${HELPERS_MOST}, and who comes later waits`},
  }),
  relay('wslagent-always', 'always', {mebibytesEach: 1}),
  {
    name: 'npiperelay',
    line: 'socat UNIX-LISTEN:S,fork EXEC:"npiperelay.exe -ei -s //./pipe/NAME",nofork',
    mebibytesEach: NPIPERELAY_MEBIBYTES,
    startsPrograms: true,
    missing: () => missingNpiperelay() ?? missingProgram('socat'),
    start: (bed, target) => startSocat(bed, npiperelay(), ['-ei', '-s', target.pipe]),
  },
  {
    name: 'accept-npiperelay',
    holdsLike: 'npiperelay',
    line: 'systemd-socket-activate --accept --inetd -l S npiperelay.exe -ei -s //./pipe/NAME',
    mebibytesEach: NPIPERELAY_MEBIBYTES,
    startsPrograms: true,
    missing: () => missingNpiperelay() ?? missingProgram('systemd-socket-activate'),
    start: (bed, target) => startAccept(bed, npiperelay(), ['-ei', '-s', target.pipe]),
  },
  {
    name: 'accept-wslagent',
    holdsLike: 'plain',
    line: 'systemd-socket-activate --accept --inetd -l S wslagent-helper.exe connect --target pipe:NAME',
    mebibytesEach: EXE_MEBIBYTES,
    startsPrograms: true,
    missing: () => missingProgram('systemd-socket-activate'),
    start: (bed, target) =>
      startAccept(bed, builtExe(), ['connect', '--target', target.pipe, '--protocol', target.protocol]),
  },
  {
    name: 'plain',
    line: 'socat UNIX-LISTEN:S,fork EXEC:"wslagent-helper.exe -ei -s //./pipe/NAME",nofork',
    mebibytesEach: EXE_MEBIBYTES,
    startsPrograms: true,
    missing: () => missingProgram('socat'),
    start: (bed, target) => startSocat(bed, builtExe(), ['-ei', '-s', target.pipe]),
  },
  {
    name: 'floor',
    line: 'one warm Windows process that opens //./pipe/NAME itself',
    mebibytesEach: 0,
    direct: true,
    missing: () => undefined,
    start: startDirectClient,
  },
];

/** Those that are measured when nobody chooses; in a quick run, one of each kind. */
export const USUAL_WAYS = WAYS.filter(({name}) => name !== 'wslagent-always').map(({name}) => name);
export const QUICK_WAYS = ['wslagent', 'npiperelay', 'plain', 'floor'];

function relay(
  name: string,
  sharing: 'overflow' | 'never' | 'always',
  rest: Pick<Way, 'mebibytesEach' | 'most' | 'startsPrograms'>,
): Way {
  return {
    name,
    line: `wslagent relay NAME, as the service runs it, with sharing = "${sharing}"`,
    ours: {sharing},
    missing: () => undefined,
    start: (bed, target) => startRelay(bed, target, sharing),
    ...rest,
  };
}

/** As the service runs it: without flags, and with a log that it takes for the journal. */
async function startRelay(bed: Bed, {pipe, protocol}: Target, sharing: string): Promise<Running> {
  const [socket, log, folder] = [bed.file('relay.sock'), bed.file('relay.log'), bed.file('config')];
  const targets = JSON.stringify([pipe]);
  const endpoint = `[endpoints.bench]\nlisten = "${socket}"\nprotocol = "${protocol}"\ntargets = ${targets}\n`;
  await mkdir(join(folder, 'wslagent'), {recursive: true});
  await writeFile(join(folder, 'wslagent/config.toml'), `[helper]\nsharing = "${sharing}"\n${endpoint}`);
  await writeFile(log, '');
  const {dev, ino} = await stat(log);
  const child = await startChild(process.execPath, [join(DIST, 'wslagent.mjs'), 'relay', 'bench'], {
    env: {
      ...bed.twin.env,
      WSLAGENT_HELPER: process.env.WSLAGENT_HELPER ?? builtExe(),
      XDG_CONFIG_HOME: folder,
      JOURNAL_STREAM: `${dev}:${ino}`,
    },
    log,
  });
  return onSocket(child, socket);
}

async function startSocat(bed: Bed, exe: string, args: string[]): Promise<Running> {
  const socket = bed.file('socat.sock');
  const words = [exe, ...args].map(word => `'${word}'`).join(' ');
  const child = await startChild('socat', [`UNIX-LISTEN:${socket},fork`, `EXEC:"${words}",nofork`], {
    env: bed.twin.env,
    log: bed.file('socat.log'),
  });
  return onSocket(child, socket);
}

async function startAccept(bed: Bed, exe: string, args: string[]): Promise<Running> {
  const socket = bed.file('accept.sock');
  // it passes on hardly anything of its own environment
  const environment = Object.entries(bed.twin.env).map(([name, value]) => `--setenv=${name}=${value}`);
  const child = await startChild(
    'systemd-socket-activate',
    ['--accept', '--inetd', `--listen=${socket}`, ...environment, exe, ...args],
    {env: bed.twin.env, log: bed.file('accept.log')},
  );
  return onSocket(child, socket);
}

async function onSocket(child: Awaited<ReturnType<typeof startChild>>, socket: string): Promise<Running> {
  await startedListening(child, socket);
  return {client: socketClient(socket), processes: () => processesOf(child.pid), stop: child.stop};
}

function missingNpiperelay(): string | undefined {
  const exe = npiperelay();
  if (exe === '') return 'BENCH_NPIPERELAY names no npiperelay.exe';
  return statSync(exe, {throwIfNoEntry: false})?.isFile() ? undefined : 'BENCH_NPIPERELAY names no file';
}

function missingProgram(name: string): string | undefined {
  return findProgram(name) === undefined ? `${name} is not installed` : undefined;
}
