/** Every exit code of both programs, with its meaning as README.md shows it. The numbers from 69 on are BSD's sysexits. */
export const EXIT_CODES = {
  ok: {code: 0, meaning: 'done'},
  failure: {code: 1, meaning: 'failed; the error line says why'},
  usage: {code: 2, meaning: 'wrong command line'},
  notRunning: {code: 3, meaning: 'not installed, or not running'},
  unavailable: {code: 69, meaning: 'the Windows agent cannot be reached'},
  internal: {code: 70, meaning: 'a bug in wslagent'},
  interop: {
    code: 72,
    meaning: 'the helper exe or its library is missing or damaged, or Windows interop is off',
  },
  cannotListen: {code: 73, meaning: 'a socket cannot be created'},
  protocol: {code: 76, meaning: 'relay and helper do not understand each other'},
  permission: {code: 77, meaning: 'a folder or file is not safe to use'},
  config: {code: 78, meaning: 'the configuration file is wrong'},
} as const;

export type ExitName = keyof typeof EXIT_CODES;

/** The number that belongs to a name of the table. */
export function exitCode(name: ExitName): number {
  return EXIT_CODES[name].code;
}
