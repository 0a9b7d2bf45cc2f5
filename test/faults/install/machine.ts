/** A machine of doubles: a person's folders, a manager, a Windows side, and the shim that lets a run go wrong. */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join, relative} from 'node:path';
import {execa} from 'execa';
import {bundleCli} from '../../../.ci/build/bundle.ts';
import {VERSION} from '../../../shared/version.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DOUBLES = join(import.meta.dirname, 'machine');

/** What is counted: changes of files and the programs that are started, or looks at files. */
export type OperationClass = 'change' | 'look';

/** See shim.c. */
export type FaultKind = 'kill' | 'done' | 'eio' | 'full' | 'readonly' | 'edit';

export type Fault = {at: number; kind: FaultKind; of: OperationClass};

export type Ran = {
  /** Undefined when it was killed. */
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  /** What the shim counted, in order: "12 rename /path". */
  operations: string[];
};

/** `old`: the version before, as one upgrades from. */
export type Version = 'old' | 'new';

/** The start-up file to which somebody adds a line in the middle of a run. */
export const EDITED = '.profile';
export const EDIT = '# an edit meanwhile\n';

export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'wslagent-machine-'));
  readonly live = join(this.folder, 'live');
  readonly home = join(this.live, 'home');
  readonly runtime = join(this.live, 'runtime');
  readonly windows = join(this.live, 'windows');
  /** Listens where a manager does; nobody talks to it. */
  readonly #manager = createServer().unref();

  /** Builds the sources that are there now. The caller ends it with `remove`. */
  static async make(): Promise<Machine> {
    const machine = new Machine();
    try {
      await machine.#build();
      machine.#furnish();
      await machine.#startManager();
    } catch (error) {
      machine.remove();
      throw error;
    }
    return machine;
  }

  remove(): void {
    this.#manager.close();
    rmSync(this.folder, {recursive: true, force: true});
  }

  /** Runs a command line of wslagent to its end, with or without a fault. */
  async run(
    args: readonly string[],
    {fault, version = 'new'}: {fault?: Fault; version?: Version} = {},
  ): Promise<Ran> {
    const [count, log] = [join(this.folder, 'count'), join(this.folder, 'log')];
    writeFileSync(count, Buffer.alloc(4096));
    writeFileSync(log, '');
    const {exitCode, signal, stdout, stderr} = await execa(
      process.execPath,
      [join(this.folder, version, 'dist/wslagent.mjs'), ...args],
      {
        env: {...this.#env(), ...this.#shim(count, log, fault)},
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
        // the shim kills the whole group: a command does not outlive whoever has started it
        detached: true,
        timeout: 60_000,
      },
    );
    if (signal === 'SIGTERM') throw new Error(`wslagent ${args.join(' ')} hangs`);
    const operations = readFileSync(log, 'utf8').split('\n').slice(0, -1);
    return {
      exitCode: signal === undefined ? exitCode : undefined,
      stdout,
      stderr,
      operations: operations.map(line => this.#short(line)),
    };
  }

  /** Keeps how everything is, to come back to. */
  keep(name: string): void {
    this.#copy(this.live, join(this.folder, 'kept', name));
  }

  restore(name: string): void {
    this.#copy(join(this.folder, 'kept', name), this.live);
  }

  /** All that could be left behind: home, Windows side, sockets, and what the manager knows. */
  state(): string[] {
    return tree(this.live, this.live);
  }

  #copy(from: string, to: string): void {
    rmSync(to, {recursive: true, force: true});
    mkdirSync(dirname(to), {recursive: true});
    // Node's own copy keeps no modes of folders
    execFileSync('cp', ['-a', from, to]);
  }

  #env(): Record<string, string> {
    return {
      PATH: `${DOUBLES}:/usr/bin:/bin`,
      HOME: this.home,
      SHELL: '/bin/bash',
      XDG_RUNTIME_DIR: this.runtime,
      MACHINE: this.live,
      NODE_COMPILE_CACHE: join(this.folder, 'cache'),
    };
  }

  #shim(count: string, log: string, fault: Fault | undefined): Record<string, string> {
    return {
      LD_PRELOAD: join(this.folder, 'shim.so'),
      FAULT_WATCH: [this.home, this.windows, this.runtime].join(':'),
      FAULT_COUNT: count,
      FAULT_LOG: log,
      FAULT_INTEROP: join(this.folder, 'interop'),
      FAULT_EXE: join(DOUBLES, 'helper.sh'),
      FAULT_EDIT: join(this.home, EDITED),
      FAULT_AT: String(fault?.at ?? 0),
      FAULT_KIND: fault?.kind ?? '',
      FAULT_CLASS: fault?.of ?? 'change',
    };
  }

  /** The path of the machine says nothing. */
  #short(line: string): string {
    return line.replaceAll(`${this.live}/`, '');
  }

  async #build(): Promise<void> {
    await buildShim(join(this.folder, 'shim.so'));
    const {files} = await bundleCli(ROOT);
    for (const [version, number] of [
      ['old', '0.0.9'],
      ['new', VERSION],
    ] as const) {
      const dist = join(this.folder, version, 'dist');
      mkdirSync(join(dist, 'wslagent'), {recursive: true});
      for (const [name, text] of files)
        writeFileSync(join(dist, name), text.replaceAll(JSON.stringify(VERSION), JSON.stringify(number)));
      cpSync(join(ROOT, 'systemd'), join(this.folder, version, 'systemd'), {recursive: true});
      const names = [
        'wslagent-helper.exe',
        'wslagent-helper-arm64.exe',
        'koffi-x64.node',
        'koffi-arm64.node',
      ];
      const sums = names.map(name => {
        const bytes = program(name, number);
        writeFileSync(join(dist, name), bytes);
        chmodSync(join(dist, name), 0o755);
        return `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`;
      });
      writeFileSync(join(dist, 'SHA256SUMS'), sums.join(''));
    }
    writeFileSync(join(this.folder, 'interop'), 'enabled\n');
  }

  async #startManager(): Promise<void> {
    this.#manager.listen(join(this.runtime, 'systemd/private'));
    await once(this.#manager, 'listening');
  }

  /** Somebody who has lived here: files of their own, one of them a link into a collection, folders that are not there yet. */
  #furnish(): void {
    for (const folder of ['home', 'windows', 'runtime/gnupg', 'runtime/systemd', 'manager/active'])
      mkdirSync(join(this.live, folder), {recursive: true, mode: 0o700});
    const put = (name: string, text: string, mode = 0o644) => {
      mkdirSync(join(this.home, name, '..'), {recursive: true});
      writeFileSync(join(this.home, name), text, {mode});
    };
    put(EDITED, 'umask 022\n');
    put('dotfiles/bashrc', 'alias ll="ls -l"', 0o600);
    symlinkSync('dotfiles/bashrc', join(this.home, '.bashrc'));
    put('.config/fish/config.fish', '# mine\n');
    put('.gnupg/gpg.conf', 'no-greeting\n', 0o600);
    chmodSync(join(this.home, '.gnupg'), 0o700);
    for (const [unit, name] of [
      ['gpg-agent.socket', 'S.gpg-agent'],
      ['gpg-agent-ssh.socket', 'S.gpg-agent.ssh'],
    ] as const) {
      writeFileSync(join(this.runtime, 'gnupg', name), '', {mode: 0o600});
      writeFileSync(join(this.live, 'manager/active', unit), join(this.runtime, 'gnupg', name));
    }
  }
}

export async function buildShim(path: string): Promise<void> {
  await execa('cc', ['-shared', '-fPIC', '-O1', '-o', path, join(import.meta.dirname, 'shim.c')]);
}

/** The headers of a Windows program without sections (PE format), then who it is. */
function program(name: string, version: string): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write('MZ');
  bytes.writeUInt32LE(64, 0x3c);
  bytes.writeUInt32LE(0x4550, 64);
  return Buffer.concat([bytes, Buffer.from(`\n${name}\n${version}\n`)]);
}

function tree(folder: string, root: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .sort()
    .map(name => {
      const path = join(folder, name);
      const stats = lstatSync(path);
      const mode = (stats.mode & 0o7777).toString(8);
      const short = relative(root, path);
      if (stats.isSocket()) return `${short} ${mode} socket`;
      if (stats.isSymbolicLink()) return `${short} -> ${readlinkSync(path)}`;
      if (stats.isDirectory()) return `${short}/ ${mode}`;
      return `${short} ${mode} ${createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)}`;
    });
}
