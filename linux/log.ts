import {createLogger, format, transports} from 'winston';
import {PRIORITIES, writesToJournal} from './journal-stream.ts';

/** From the gravest to the least; the numbers are winston's own order. */
const LEVELS = {error: 0, warning: 1, info: 2, debug: 3} as const;

export type LogLevel = keyof typeof LEVELS;

/** One line per call, on stderr. Text from outside must have passed through `oneLine`. */
export type Log = Record<LogLevel, (message: string) => void>;

/** A log that says what is at least as grave as `level`: for the journal with its priority, else with time and level. */
export function createLog(level: LogLevel): Log {
  // a log that nobody reads any more must not end the program
  process.stderr.on('error', () => {});
  const logger = createLogger({
    levels: LEVELS,
    level,
    format: writesToJournal() ? journalLines : terminalLines,
    transports: [new transports.Console({stderrLevels: Object.keys(LEVELS)})],
  });
  return {
    error: message => void logger.log('error', message),
    warning: message => void logger.log('warning', message),
    info: message => void logger.log('info', message),
    debug: message => void logger.log('debug', message),
  };
}

const journalLines = format.printf(({level, message}) => `<${PRIORITIES[level as LogLevel]}>${message}`);

const terminalLines = format.printf(
  ({level, message}) => `${new Date().toISOString()} ${level}: ${message as string}`,
);
