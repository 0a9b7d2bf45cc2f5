import {execa} from 'execa';

/** How far back is looked, in lines: some weeks of one person's connections, or minutes of a crowd's. */
const LINES_MAX = 3000;

/** The longest line that is taken, in bytes; what follows is the JSON around it. */
const OUTPUT_MAX = LINES_MAX * 4096;

/** A line that a unit of ours wrote, or that systemd wrote of it. */
export type JournalLine = {
  /** `wslagent.service`, `wslagent-ssh@3-…service`, `wslagent-ssh.socket`. */
  unit: string;
  message: string;
  /** syslog's number: 3 and less is an error, 4 a warning. */
  priority: number;
  /** Milliseconds since 1970, and of CLOCK_MONOTONIC, which nobody sets. */
  at: number;
  monotonic: number;
  /** What kind of line it is, where systemd wrote it (systemd.journal-fields(7)). */
  id: string;
};

/**
 * The lines of our units since the machine was started, newest first; undefined where the journal cannot be read.
 * Read backwards, because `--lines` with `--since` gives the oldest on systemd 252 and the newest on later ones.
 */
export async function journalLines(): Promise<JournalLine[] | undefined> {
  const {stdout, failed} = await execa(
    'journalctl',
    [
      '--quiet',
      '--no-pager',
      '--boot',
      '--reverse',
      '--output=json',
      `--output-fields=MESSAGE,PRIORITY,MESSAGE_ID,_SYSTEMD_USER_UNIT,USER_UNIT`,
      '--user-unit=wslagent*',
      `--lines=${LINES_MAX}`,
    ],
    {reject: false, stdin: 'ignore', timeout: 5000, maxBuffer: OUTPUT_MAX, env: {LC_ALL: 'C'}},
  );
  return failed ? undefined : parseLines(stdout);
}

/** Reads what `journalctl --output=json` prints: an object a line. What is no text is left out. */
export function parseLines(stdout: string): JournalLine[] {
  return stdout.split('\n').flatMap(text => {
    if (text === '') return [];
    const fields = JSON.parse(text) as Record<string, unknown>;
    const {MESSAGE: message} = fields;
    if (typeof message !== 'string') return [];
    return [
      {
        unit: String(fields.USER_UNIT ?? fields._SYSTEMD_USER_UNIT ?? ''),
        message,
        priority: Number(fields.PRIORITY ?? 6),
        at: Number(fields.__REALTIME_TIMESTAMP) / 1000,
        monotonic: Number(fields.__MONOTONIC_TIMESTAMP) / 1000,
        id: String(fields.MESSAGE_ID ?? ''),
      },
    ];
  });
}
