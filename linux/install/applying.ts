/** How changes are made. */
export type Applying = {
  /** Called with what was done. */
  say(line: string): void;
  /** Called for what could not be done and is tried again the next time. */
  warn(line: string, hint?: string): void;
  /** There is no user manager: unit files are dealt with all the same. */
  offline: boolean;
  /** A file that cannot be dealt with is warned of and stays in the record, and the rest is done all the same. */
  goOn: boolean;
};

/** `done`; `nothing`: there was no need; `later`: it could not be done now and stays in the record. */
export type Outcome = 'done' | 'nothing' | 'later';
