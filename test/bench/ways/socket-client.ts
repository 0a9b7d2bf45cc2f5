/** The client of a Unix socket, in this process. */
import {Asker, firstAnswer} from '../../../linux/bench/asker.ts';
import {openStreams} from './socket-streams.ts';
import {type Client, PATIENCE_MS, type Samples} from './way.ts';

/** After so many that were not answered nobody more is held. */
const HOPELESS = 3;

const PATIENT = {deadline: PATIENCE_MS};

export function socketClient(path: string): Client {
  let held: Asker[] = [];
  return {
    async first(count) {
      const told: Samples = {samples: [], failures: 0};
      for (let n = 0; n < count; n++)
        try {
          const {asker, elapsed} = await firstAnswer(path);
          asker.close();
          told.samples.push(elapsed);
        } catch {
          told.failures++;
        }
      return told;
    },
    async second(count) {
      const told: Samples = {samples: [], failures: 0};
      let asker: Asker | undefined;
      try {
        asker = await Asker.connect(path);
        await asker.ask();
        for (let n = 0; n < count; n++) {
          const begun = performance.now();
          await asker.ask();
          told.samples.push(performance.now() - begun);
        }
      } catch {
        told.failures++;
      }
      asker?.close();
      return told;
    },
    async burst(count) {
      let failures = 0;
      const begun = performance.now();
      const come = async () => {
        const asker = Asker.begin(path, PATIENT);
        await asker.ask().catch(() => failures++);
        asker.close();
      };
      await Promise.all(Array.from({length: count}, come));
      return {elapsed: performance.now() - begun, failures};
    },
    async hold(count) {
      let failures = 0;
      for (let n = 0; n < count && failures < HOPELESS; n++)
        try {
          held.push((await firstAnswer(path)).asker);
        } catch {
          failures++;
        }
      return {failures};
    },
    async release() {
      for (const asker of held) asker.close();
      held = [];
    },
    streams: channels => openStreams(path, channels),
  };
}
