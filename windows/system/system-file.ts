import path from 'node:path';

/** The full path of a program or library of Windows itself: what is found on a search path may be anybody's. */
export function systemFile(name: string): string {
  return path.win32.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', name);
}
