import {PRIORITIES, writesToJournal} from './journal-stream.ts';

/** From the gravest to the least. */
const LEVELS = {error: 0, warning: 1, info: 2, debug: 3} as const;

export type LogLevel = keyof typeof LEVELS;

/** One line per call, on stderr. Text from outside must have passed through `oneLine`. */
export type Log = Record<LogLevel, (message: string) => void>;

/** A log that says what is at least as grave as `level`: for the journal with its priority, else with time and level. */
export async function createLog(level: LogLevel): Promise<Log> {
  // a log that nobody reads any more must not end the program
  process.stderr.on('error', () => {});
  return writesToJournal()
    ? journalLog(level)
    : (await import('./terminal-log.ts')).terminalLog(LEVELS, level);
}

/** journald adds the time, and a library for one write would be a fifth of the service's memory. */
function journalLog(most: LogLevel): Log {
  const writes = (level: LogLevel) => (message: string) => {
    if (LEVELS[level] <= LEVELS[most]) process.stderr.write(`<${PRIORITIES[level]}>${message}\n`);
  };
  return {error: writes('error'), warning: writes('warning'), info: writes('info'), debug: writes('debug')};
}
