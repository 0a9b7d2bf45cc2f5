import type {ExitName} from '../shared/exit-codes.ts';

/** An error that a person can act on: shown as one line and one hint, without a stack. */
export class UserError extends Error {
  readonly hint: string | undefined;
  readonly exit: ExitName;

  /** `hint` is the next command to type, or what to look at. */
  constructor(message: string, hint?: string, exit: ExitName = 'failure') {
    super(message);
    this.name = 'UserError';
    this.hint = hint;
    this.exit = exit;
  }
}
