import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {execa} from 'execa';

const MAIN = join(import.meta.dirname, '../../linux/main.ts');

export type Ran = {exitCode: number | undefined; stdout: string; stderr: string};

/** A person's folders, empty, and a way to run the command line in them. Gone after the test. */
export function person(t: ExecutionContext, files: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-cli-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const [home, runtime] = [join(folder, 'home'), join(folder, 'run')];
  for (const path of [home, runtime]) mkdirSync(path, {mode: 0o700});
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(home, name, '..'), {recursive: true});
    writeFileSync(join(home, name), content);
  }
  const env = {PATH: process.env.PATH ?? '', HOME: home, XDG_RUNTIME_DIR: runtime, LANG: 'de_DE.UTF-8'};
  return {
    folder,
    home,
    runtime,
    async run(args: string[], overrides: Record<string, string | undefined> = {}): Promise<Ran> {
      const {exitCode, stdout, stderr} = await execa(process.execPath, [MAIN, ...args], {
        env: {...env, ...overrides},
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
        timeout: 60_000,
      });
      return {exitCode, stdout, stderr};
    },
  };
}

/** What every error looks like: nothing on stdout, on stderr one error line and its hint below, lower case, no full stop. */
export function mustFail(t: ExecutionContext, ran: Ran, exitCode: number, message: RegExp): void {
  t.is(ran.stdout, '');
  t.regex(ran.stderr, /^wslagent: error: [^\n]+[^.\n](\nwslagent: hint: [^\n]+[^.\n])+$/);
  t.regex(ran.stderr, message);
  t.is(ran.exitCode, exitCode);
}
