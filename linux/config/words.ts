/** The words that the configuration file and the command line have in common. */
export const SHARING = ['overflow', 'never', 'always'] as const;
export const LOG_LEVELS = ['error', 'warning', 'info', 'debug'] as const;
