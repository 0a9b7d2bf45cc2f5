import {fstatSync} from 'node:fs';

/** syslog's numbers, which journald takes from the front of a line (sd-daemon(3)). */
export const PRIORITIES = {error: 3, warning: 4, info: 6, debug: 7} as const;

/**
 * Whether stderr goes to the journal. JOURNAL_STREAM alone does not say so: programs that a service
 * started inherit it with other descriptors, so it names the stream's device and inode (systemd.exec(5)).
 */
export function writesToJournal(): boolean {
  const stream = process.env.JOURNAL_STREAM;
  if (stream === undefined) return false;
  try {
    const {dev, ino} = fstatSync(2);
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
