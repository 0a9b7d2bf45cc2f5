import {run} from './run.ts';
import {systemFile} from './system-file.ts';

/** What `reg.exe query` prints for these arguments; undefined when there is no such value, or no answer in time. */
export async function queryRegistry(
  query: readonly string[],
  milliseconds: number,
): Promise<string | undefined> {
  const {code, stdout} = await run(systemFile('reg.exe'), ['query', ...query], milliseconds, true);
  return code === 0 ? stdout : undefined;
}
