/**
 * The command line for npm with these arguments: the npm that runs us, when one does, else the one on PATH.
 * Under another package manager `npm_execpath` names that one, so only npm's own file is taken.
 */
export function npm(...args: string[]): [command: string, ...args: string[]] {
  const own = process.env.npm_execpath ?? '';
  return own.endsWith('npm-cli.js') ? [process.execPath, own, ...args] : ['npm', ...args];
}
