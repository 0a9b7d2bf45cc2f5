import fs from 'node:fs';
import {type Reader, type ReaderEvents, readDescriptor} from '../stdio/reader.ts';
import {Writer} from '../stdio/writer.ts';
import {log} from './log.ts';

/** Where bytes for stdout go. */
export type Output = Pick<Writer, 'write' | 'flushed' | 'pending'>;

/** The three standard streams, as copying needs them. */
export type Stdio = {
  /** Begins to read stdin. */
  input(events: ReaderEvents): Reader;
  /** `failed` is called once, with the first error. */
  output(failed: (error: NodeJS.ErrnoException) => void): Output;
  closeOutput(): void;
  /** Writes a line to stderr. */
  say(line: string): void;
};

/** Those of this process. */
export const OWN_STDIO: Stdio = {
  input: events => readDescriptor(0, events),
  output: failed => new Writer(1, failed),
  closeOutput: () => fs.close(1, () => {}),
  say: log,
};
