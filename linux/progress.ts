/** What is over sooner needs no word, in milliseconds. */
const PATIENCE = 1000;

type Terminal = {isTTY?: boolean; write(text: string): unknown};

/** Says on a terminal what is being done, once it has taken longer than a second. Scripts hear nothing of it. */
export async function withProgress<T>(
  what: string,
  work: Promise<T>,
  terminal: Terminal = process.stderr,
): Promise<T> {
  if (terminal.isTTY !== true) return work;
  const timer = setTimeout(() => terminal.write(`${what} …\n`), PATIENCE);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
