import type {Running, Way} from '../ways/way.ts';
import type {Round} from './question.ts';

/** With the way started anew, so that nothing is left of the questions before: helpers that a crowd made stay for a while. */
export async function startedAnew(
  way: Way,
  {bed, target}: Pick<Round, 'bed' | 'target'>,
  work: (running: Running) => Promise<void>,
): Promise<void> {
  const running = await way.start(bed, target);
  try {
    await work(running);
  } finally {
    await running.stop();
  }
}
