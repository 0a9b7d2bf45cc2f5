const QUIET_MS = 1000;

/** Seconds with one decimal, as the progress lines show them. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * Runs `work`; when that takes longer than a second, one line on stderr says what it is and, at its end, how
 * long it took. Rejects as `work` does.
 */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  let shown = false;
  const show = () => {
    shown = true;
    process.stderr.write(`${title} … `);
  };
  const timer = setTimeout(show, QUIET_MS);
  try {
    const result = await work();
    if (shown) {
      process.stderr.write(`${seconds(performance.now() - started)}\n`);
    }
    return result;
  } catch (error) {
    if (shown) {
      process.stderr.write('failed\n');
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
