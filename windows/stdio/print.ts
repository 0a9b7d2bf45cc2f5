import {Writer} from './writer.ts';

/** Writes text to stdout, all of it; when nobody reads, that is the reader's choice. */
export async function print(text: string): Promise<void> {
  const output = new Writer(1, () => {});
  output.write(Buffer.from(text));
  await output.flushed();
}
