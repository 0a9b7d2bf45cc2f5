import {readdirSync, readFileSync} from 'node:fs';

let marks = 0;

/** A word that no other process has on its command line; `sleep` takes it as a fraction of a second. */
export function newMark(): string {
  return `${process.pid}${++marks}${Date.now()}`;
}

/** What /proc says a process was started with, its words divided by NUL; nothing for one that is gone. */
export function commandLine(pid: string): string {
  return contents(pid, 'cmdline');
}

function contents(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function allProcesses(): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name));
}

/** The processes, in whatever namespace below ours, that have `mark` on their command line. */
export function processesWith(mark: string): string[] {
  return allProcesses().filter(pid => commandLine(pid).includes(mark));
}

/** The processes of the Wine prefix at `winePrefix`, its server included. */
export function processesIn(winePrefix: string): string[] {
  return allProcesses().filter(pid => contents(pid, 'environ').includes(`WINEPREFIX=${winePrefix}`));
}
