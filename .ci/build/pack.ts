/**
 * Runs `pkg --sea` for one Windows target: `node pack.ts ARCH SCRIPT OUTPUT`. HOME is private to the run
 * and TMPDIR is the folder that SCRIPT is in.
 *
 * The command line of pkg makes the script's path absolute, and Node writes that path into the exe, which then
 * differs from folder to folder. So pkg's own function is called: there the path may be relative. Node resolves
 * it against its working directory, which pkg sets to a new folder directly inside TMPDIR, hence `../NAME`.
 */
import {basename} from 'node:path';
import pkg, {type SeaConfig} from '@yao-pkg/pkg/lib-es5/sea.js';
import type {Arch} from './arch.ts';
import {NODE_VERSION} from './node-win.ts';

const [arch, script, output] = process.argv.slice(2) as [Arch, string, string];
const seaConfig: SeaConfig & {main: string} = {
  main: `../${basename(script)}`,
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: false,
};
// The full version: a shorter one makes pkg ask the network for the newest.
const target = {nodeRange: `node${NODE_VERSION}`, platform: 'win' as const, arch, output};
await pkg.default(script, {targets: [target], seaConfig});
