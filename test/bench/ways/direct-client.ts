/** The floor: `windows/pipe-client.c`, one Windows process that stays, connects to the pipe and measures itself. */
import {createInterface} from 'node:readline';
import {type Child, startChild} from '../child.ts';
import {processesOf} from '../processes.ts';
import {type Bed, type Client, DIRECTION_CODES, PATIENCE_MS, type Running, type Target} from './way.ts';

export async function startDirectClient(bed: Bed, {pipe}: Target): Promise<Running> {
  const child = await startChild(bed.programs.client, [pipe], {
    env: bed.twin.env,
    log: bed.file('floor.log'),
    piped: true,
  });
  const ask = dialogue(child);
  const numbers = async (order: string) => (await ask(order)).map(Number);
  const client: Client = {
    async first(count) {
      const samples = await numbers(`first ${count}`);
      return {samples, failures: count - samples.length};
    },
    async second(count) {
      const samples = await numbers(`second ${count}`);
      return {samples, failures: count - samples.length};
    },
    async burst(count) {
      const [elapsed = 0, failures = 0] = await numbers(`burst ${count}`);
      return {elapsed, failures};
    },
    async hold(count) {
      const [failures = 0] = await numbers(`hold ${count}`);
      return {failures};
    },
    async release() {
      await ask('release');
    },
    async streams(channels) {
      await ask(`open ${channels}`);
      return {
        async exchange({direction, write, total}) {
          const [elapsed = 0] = await numbers(`stream ${DIRECTION_CODES[direction]} ${write} ${total}`);
          return elapsed;
        },
        async close() {
          await ask('release');
        },
      };
    },
  };
  return {
    client,
    processes: () => processesOf(child.pid),
    async stop() {
      child.process.stdin?.end();
      await child.stop();
    },
  };
}

/** One line to it, one line from it: the words after "ok". Rejects when it says anything else, or nothing in time. */
function dialogue({process: {stdin, stdout}}: Child): (order: string) => Promise<string[]> {
  if (stdin === null || stdout === null) throw new Error('no pipes');
  let heard: (line: string) => void = () => {};
  stdin.on('error', () => heard('error: it takes no orders any more'));
  const lines = createInterface({input: stdout});
  lines.on('line', line => heard(line));
  lines.on('close', () => heard('error: it ended'));
  return async order => {
    const answer = new Promise<string>(resolve => {
      heard = resolve;
    });
    stdin.write(`${order}\n`);
    const late = setTimeout(() => heard(`error: nothing came for ${PATIENCE_MS} ms`), PATIENCE_MS);
    const [word, ...rest] = (await answer).split(' ');
    clearTimeout(late);
    if (word !== 'ok') throw new Error(`${order}: ${word} ${rest.join(' ')}`);
    return rest;
  };
}
