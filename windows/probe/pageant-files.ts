import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {PageantReport} from '../../shared/probe.ts';
import {parseConfig} from '../pageant/config-text.ts';

/** A name that PuTTY's manual suggests, below %USERPROFILE%\.ssh. */
const SUGGESTED = 'pageant.conf';
const INCLUDES_MAX = 8;

/** The files of `pageant --openssh-config` in a person's .ssh folder: the usual one, and those that its config includes. */
export async function pageantFiles(home: string | undefined): Promise<PageantReport['configFiles']> {
  if (!home) return [];
  const folder = path.join(home, '.ssh');
  const included = includedFiles(await read(path.join(folder, 'config')));
  const names = new Set([SUGGESTED, ...included]);
  const files = await Promise.all(
    [...names].map(async name => {
      const file = path.resolve(folder, name);
      const text = await readFile(file, 'latin1').catch(() => undefined);
      return text === undefined ? [] : describe(file, text, name === SUGGESTED);
    }),
  );
  return files.flat();
}

function describe(file: string, text: string, usual: boolean): PageantReport['configFiles'] {
  const config = parseConfig(text);
  if (typeof config === 'object') return [{path: file, pipe: config.pipe}];
  // an included file may be anything
  return usual && config === 'empty' ? [{path: file, pipe: null}] : [];
}

/** The plain names after Include in an ssh configuration file; patterns and folders of others are passed by. */
export function includedFiles(text: string): string[] {
  const words = text.split(/\r?\n/).flatMap(line => /^\s*include\s+(.*\S)/i.exec(line)?.[1] ?? []);
  const names = words.flatMap(rest => rest.match(/"[^"]*"|[^\s"]+/g) ?? []);
  return names
    .map(name => name.replaceAll('"', '').replace(/^~[\\/]\.ssh[\\/]/, ''))
    .filter(name => name !== '' && !/[*?%~]/.test(name))
    .slice(0, INCLUDES_MAX);
}

async function read(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '');
}
