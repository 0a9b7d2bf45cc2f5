import {readFileSync, realpathSync} from 'node:fs';
import {join} from 'node:path';
import {shellWord} from '../shared/text.ts';

/**
 * How this very program is called in a shell: `wslagent` when that is what the shell finds, else by its place, as when
 * what is on PATH is of another folder.
 */
export function selfCommand(env: NodeJS.ProcessEnv = process.env): string {
  const script = realpathSync(process.argv[1] ?? '');
  return isSelf(found(env.PATH ?? ''), script)
    ? 'wslagent'
    : `${shellWord(process.execPath)} ${shellWord(script)}`;
}

/** The first of that name on PATH, and what it holds. */
function found(path: string): {file: string; text: string} | undefined {
  for (const folder of path.split(':').filter(folder => folder.startsWith('/'))) {
    try {
      const file = realpathSync(join(folder, 'wslagent'));
      return {file, text: readFileSync(file, 'utf8')};
    } catch {
      // not there
    }
  }
  return undefined;
}

/** It is the script, or install's launcher for it. */
function isSelf(program: ReturnType<typeof found>, script: string): boolean {
  return program !== undefined && (program.file === script || program.text.includes(shellWord(script)));
}
