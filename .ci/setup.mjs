/**
 * Makes a clone ready to run: installs what package-lock.json pins, and starts the rest on the pinned Node.
 * Plain JavaScript without imports of ours or others': it runs on the person's own Node before anything is here.
 */
import {spawn, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {constants} from 'node:os';
import {delimiter, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules', '.bin');
const NODE = join(BIN, 'node');
const OLDEST_NODE = 20;

/**
 * Sets the clone up and runs a script of ours on the pinned Node, which also comes first on PATH.
 * Resolves with the exit code for this process.
 * @param {string} script relative to the root
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function runPinned(script, args) {
  try {
    await setup();
  } catch (error) {
    console.error(`setup: error: ${error.message}\nsetup: hint: ${error.hint ?? 'npm ci'}`);
    return 1;
  }
  const env = {...process.env, PATH: [BIN, process.env.PATH].filter(Boolean).join(delimiter)};
  const child = spawn(NODE, [join(ROOT, script), ...args], {stdio: 'inherit', env});
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  return ended(child);
}

async function setup() {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw fault(`needs node ${OLDEST_NODE} or newer, this is ${process.versions.node}`, 'node --version');
  }
  if (!isInstalled() || pinnedFault() !== undefined) {
    await install();
  }
  const found = pinnedFault();
  if (found !== undefined) {
    throw fault(found, 'npm ci --include=dev --include=optional');
  }
}

/**
 * Whether node_modules is what package-lock.json says, but for packages of other systems. npm writes its own
 * list last, so a broken-off install does not count. Not by the files' age: a checkout would set it off, and
 * `npm ci` starts by deleting everything.
 */
function isInstalled() {
  const wanted = packagesIn('package-lock.json');
  const installed = packagesIn('node_modules/.package-lock.json');
  return Object.entries(wanted).every(
    ([folder, {version, integrity, optional}]) =>
      folder === '' ||
      (installed[folder] === undefined
        ? optional
        : installed[folder].version === version && installed[folder].integrity === integrity),
  );
}

/** Entries of a lock file by their folder; none where there is no such file. */
function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(join(ROOT, lockFile), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** A sentence on why the pinned Node cannot be used, or nothing. */
function pinnedFault() {
  const {optionalDependencies} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const name = `node-${process.platform}-${process.arch}`;
  const version = optionalDependencies[name];
  if (version === undefined) {
    return `there is no pinned node for ${process.platform} on ${process.arch}`;
  }
  const {stdout, error} = spawnSync(NODE, ['--version'], {encoding: 'utf8'});
  if (error !== undefined) {
    return `${name}@${version} does not start: ${error.message}`;
  }
  return stdout.trim() === `v${version}` ? undefined : `${name} is ${stdout.trim()}, not v${version}`;
}

/** Whatever NODE_ENV and npm's settings leave out by default, the tools are needed; no package's script is. */
async function install() {
  const started = performance.now();
  process.stderr.write('setup: installing what package-lock.json pins (npm ci, about half a minute) … ');
  const options = ['--include=dev', '--include=optional', '--ignore-scripts', '--loglevel=error'];
  const own = process.env.npm_execpath ?? '';
  const [command, ...args] = own.endsWith('npm-cli.js') ? [process.execPath, own] : ['npm'];
  const child = spawn(command, [...args, 'ci', ...options], {cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe']});
  const output = [];
  child.stdout.on('data', chunk => output.push(chunk));
  child.stderr.on('data', chunk => output.push(chunk));
  const code = await ended(child);
  if (code !== 0) {
    process.stderr.write('failed\n');
    throw fault(`npm ci failed\n${Buffer.concat(output)}`, 'npm ci');
  }
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

/** The exit code, in the shell's way for a signal (128 + its number) and for a program that is not there (127). */
function ended(child) {
  return new Promise(resolve => {
    child.once('error', () => resolve(127));
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

function fault(message, hint) {
  return Object.assign(new Error(message), {hint});
}
