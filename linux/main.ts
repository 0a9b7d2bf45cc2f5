import {keepMemoryOutOfCoreDumps} from './core-dump.ts';
import {report} from './report.ts';

/** What the service's own command line has besides `relay`: names of endpoints, if anything. */
const ENDPOINT = /^[a-z]/;

/**
 * Every library is loaded where it is used. The service needs no parser for its command line, and somebody waits
 * for it: systemd starts it when a client has come.
 */
async function run([command, ...rest]: string[]): Promise<void> {
  if (command === 'relay') keepMemoryOutOfCoreDumps();
  if (command === 'relay' && rest.every(word => ENDPOINT.test(word))) await runService(rest);
  else await runCommand(process.argv.slice(2));
}

async function runCommand(words: string[]): Promise<void> {
  const [{guardOutput}, {runCli}] = await Promise.all([import('./guard-output.ts'), import('./cli.ts')]);
  guardOutput();
  await runCli(words);
}

async function runService(endpoints: string[]): Promise<void> {
  const first =
    process.env.LISTEN_FDS === undefined
      ? undefined
      : await (await import('./relay/first-helper.ts')).startFirstHelper();
  await (await import('./relay/serve.ts')).serve({endpoints}, first);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.exitCode = report(error);
}
