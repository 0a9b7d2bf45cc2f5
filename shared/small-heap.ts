/**
 * V8's flags that keep what a burst leaves behind small: the young generation stays at the 2 MB with which it begins, where
 * it would grow to 32, and the old one is collected for every few megabytes, where 20 and more would gather. They are set
 * when everything is loaded: with flags other than those at its build, V8 refuses the code that comes compiled with
 * Node, and loading Node's own modules takes three times as long (seen with 22.23.2).
 */
export const SMALL_HEAP = '--semi-space-growth-factor=1 --optimize-for-size';

/** By then everything is loaded that is always needed, in milliseconds. */
export const LOADED_MS = 1000;
