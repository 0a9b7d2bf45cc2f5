import {createLogger, format, transports} from 'winston';
import type {Log, LogLevel} from './log.ts';

/** A log for a person at a terminal, with time and level, on stderr. */
export function terminalLog(levels: Record<LogLevel, number>, level: LogLevel): Log {
  const logger = createLogger({
    levels,
    level,
    format: lines,
    transports: [new transports.Console({stderrLevels: Object.keys(levels)})],
  });
  return {
    error: message => void logger.log('error', message),
    warning: message => void logger.log('warning', message),
    info: message => void logger.log('info', message),
    debug: message => void logger.log('debug', message),
  };
}

const lines = format.printf(
  ({level, message}) => `${new Date().toISOString()} ${level}: ${message as string}`,
);
