import {UserError} from '../errors.ts';

/** What is wrong with the configuration file. */
export function configError(message: string): UserError {
  return new UserError(
    message,
    'mend the file; docs/configuration.md lists every key with an example',
    'config',
  );
}
