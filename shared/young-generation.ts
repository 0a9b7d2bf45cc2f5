/** By then everything is loaded that is always needed, in milliseconds. */
const LOADED_MS = 1000;

/**
 * Keeps what a burst leaves behind small: V8's young generation stays at the 2 MB with which it begins, where it would
 * grow to 32. A flag at the start would do that too, but V8 then refuses the code that comes compiled with Node, as its
 * flags are others, and loading Node's own modules takes three times as long (seen with 22.23.2); hence later.
 */
export function keepYoungGenerationSmall(): void {
  const late = setTimeout(
    () => process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1'),
    LOADED_MS,
  );
  late.unref();
}
