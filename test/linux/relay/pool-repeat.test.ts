import {join} from 'node:path';
import test from 'ava';
import {type Bed, fixture, startBed, temporaryFolder, until} from './bed.ts';

for (const sharing of ['never', 'overflow', 'always'] as const)
  test(`${sharing}: one start that fails after others went well is repeated, and no client hears of it`, async t => {
    const {command, args} = fixture('second-fails');
    const helper = {command, args: [...args, join(temporaryFolder(t), 'count')], cwd: undefined};
    const bed = await startBed(t, 'echo', {helper, sharing, spares: 0, maxHelpers: 2});
    t.deepEqual(await echoes(bed), ['x']);
    // the next client needs a fresh one in every mode
    const [pid = ''] = bed.lines.flatMap(line => /helper (\d+): started/.exec(line)?.[1] ?? []);
    if (sharing !== 'never') process.kill(Number(pid), 'SIGKILL');
    await until('the first helper to be gone', () =>
      bed.lines.some(line => line.includes(`${pid}: gone`) || line.includes(`${pid}: the helper ended`)),
    );
    t.deepEqual(await echoes(bed, 5), ['x', 'x', 'x', 'x', 'x']);
    t.is(bed.lines.filter(line => /^warning: helper .*before its greeting/.test(line)).length, 1);
  });

/** What so many clients at the same moment get back. */
async function echoes(bed: Bed, clients = 1): Promise<string[]> {
  const all = Array.from({length: clients}, () => bed.connect().end('x').all);
  return (await Promise.all(all)).map(String);
}
