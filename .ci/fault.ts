/** A failure a person can act on: shown as two lines, without a stack. */
export class Fault extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Runs a script's main part; what goes wrong is told on stderr, and the process exits 1. */
export async function runMain(name: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof Fault) {
      console.error(`${name}: error: ${error.message}\n${name}: hint: ${error.hint}`);
    } else {
      console.error(`${name}: error: ${error instanceof Error ? error.stack : error}`);
    }
  }
}
