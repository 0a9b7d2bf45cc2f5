import type {Note} from './change.ts';

export type Output = {
  say(line: string): void;
  warn(note: Note): void;
  /** For the person who is asked, and for nobody else. */
  tell(line: string): void;
};
