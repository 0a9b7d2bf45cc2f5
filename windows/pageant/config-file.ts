import path from 'node:path';
import type {Failure} from '../../shared/failure.ts';
import {decodeAnsi} from '../native/ansi.ts';
import {type Look, lookAgain, readSmallFile, whyUnreadable} from '../targets/small-file.ts';
import {CONFIG_MAX, parseConfig} from './config-text.ts';

/** The pause before a file is read again that is empty or locked, as while Pageant writes it, in milliseconds. */
const PAUSE_MS = 50;

/** Where PuTTY's manual has Pageant write its file: nobody needs to name that one. */
export function usualConfigFile(env: NodeJS.ProcessEnv): string | undefined {
  const home = process.platform === 'win32' ? env.USERPROFILE : env.HOME;
  return home === undefined ? undefined : path.join(home, '.ssh', 'pageant.conf');
}

/**
 * The name of the pipe that a file of `pageant --openssh-config` tells. An empty file, or one that is locked, is read
 * `attempts` times. Throws FailureError.
 */
export function pipeOfConfig(file: string, attempts: number, signal: AbortSignal): Promise<string> {
  return lookAgain(() => readOnce(file), attempts, PAUSE_MS, signal);
}

async function readOnce(file: string): Promise<Look<string>> {
  let bytes: Uint8Array;
  try {
    bytes = await readSmallFile(file, CONFIG_MAX + 1);
  } catch (error) {
    return unreadable(file, (error as NodeJS.ErrnoException).code ?? String(error));
  }
  if (bytes.length > CONFIG_MAX)
    return {failure: wrong(file, `is longer than ${CONFIG_MAX / 1024} KiB`), momentary: false};
  const parsed = parseConfig(textOf(bytes));
  if (parsed === 'garbage')
    return {failure: wrong(file, 'has no IdentityAgent line that names a pipe of windows'), momentary: false};
  if (parsed === 'empty')
    return {
      failure: {
        reason: 'absent',
        message: `${file} is empty: the Pageant that wrote it has exited`,
        hint: startAgain(file),
      },
      momentary: true,
    };
  return {content: parsed.pipe};
}

/** What to do when a file tells of no pipe, or of one that is not there. */
export function startAgain(file: string): string {
  return `on windows: pageant.exe --openssh-config "${file}"`;
}

function unreadable(file: string, code: string): Look<string> {
  switch (whyUnreadable(code)) {
    case 'absent':
      return {
        failure: {reason: 'absent', message: `${file} does not exist`, hint: startAgain(file)},
        momentary: false,
      };
    case 'denied':
      return {
        failure: {
          reason: 'denied',
          message: `${file} cannot be read: ${code}`,
          hint: 'run Pageant as the same user',
        },
        momentary: true,
      };
    case 'badTarget':
      return {failure: wrong(file, `is no file that can be read: ${code}`), momentary: false};
  }
}

function wrong(file: string, sentence: string): Failure {
  return {
    reason: 'badTarget',
    message: `${file} ${sentence}`,
    // not this file's name: Pageant would write over it
    hint: 'name a file that pageant.exe --openssh-config wrote, or just: pageant',
  };
}

/** Pageant writes its pipe's name, in which the user's is, in Windows' ANSI code page; a person may have made it UTF-8. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    return process.platform === 'win32' ? decodeAnsi(bytes) : Buffer.from(bytes).toString('latin1');
  }
}
