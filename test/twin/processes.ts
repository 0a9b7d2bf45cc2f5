import {readdirSync, readFileSync} from 'node:fs';

let marks = 0;

/** A word that no other process has on its command line; `sleep` takes it as a fraction of a second. */
export function newMark(): string {
  return `${process.pid}${++marks}${Date.now()}`;
}

function processesWhose(file: 'cmdline' | 'environ', text: string): string[] {
  return readdirSync('/proc').filter(name => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/${file}`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

/** The processes, in whatever namespace below ours, that have `mark` on their command line. */
export function processesWith(mark: string): string[] {
  return processesWhose('cmdline', mark);
}

/** The processes of the Wine prefix at `winePrefix`, its server included. */
export function processesIn(winePrefix: string): string[] {
  return processesWhose('environ', `WINEPREFIX=${winePrefix}`);
}
