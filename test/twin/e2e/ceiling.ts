/** The longest that anything here may take on a machine that is busy with other things, in milliseconds. */
export const CEILING = 45_000;
