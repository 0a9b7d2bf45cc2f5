import {UserError} from '../errors.ts';

const MEND = 'mend the file; docs/configuration.md lists every key with an example';

/** What is wrong with the configuration file. */
export function configError(message: string, hint: string = MEND): UserError {
  return new UserError(message, hint, 'config');
}
