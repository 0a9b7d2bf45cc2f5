/**
 * Keeps what a burst leaves behind small: with this flag V8's young generation stays at the 2 MB with which it begins,
 * where it would grow to 32. It is set when everything is loaded: with flags other than those at its build, V8 refuses
 * the code that comes compiled with Node, and loading Node's own modules takes three times as long (seen with 22.23.2).
 */
export const KEEP_YOUNG_GENERATION = '--semi-space-growth-factor=1';

/** By then everything is loaded that is always needed, in milliseconds. */
export const LOADED_MS = 1000;
