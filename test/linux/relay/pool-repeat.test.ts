import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type Bed, fixture, helperPids, startBed, temporaryFolder, until} from './bed.ts';

for (const sharing of ['never', 'overflow', 'always'] as const)
  test(`${sharing}: one start that fails after others went well is repeated, and no client hears of it`, async t => {
    const helper = failsAt(t, 2);
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

test('the first start of all that ends without a word is repeated, and no client hears of it', async t => {
  const bed = await startBed(t, 'echo', {helper: failsAt(t, 1)});
  t.deepEqual(await echoes(bed, 3), ['x', 'x', 'x']);
  t.is(bed.lines.filter(line => /^warning: helper .*before its greeting/.test(line)).length, 1);
});

test('one that always ends without a word is tried twice, and then the client is told', async t => {
  const helper = {command: '/bin/false', args: [], cwd: undefined};
  const bed = await startBed(t, 'echo', {helper, protocol: 'assuan', spares: 0});
  t.regex(String(await bed.connect().all), /^ERR .*before its greeting/);
  t.is(helperPids(bed.lines).length, 2);
  t.regex(String(await bed.connect().all), /^ERR .*before its greeting/);
  t.is(helperPids(bed.lines).length, 3);
});

/** Helpers that echo, of which the one with this number ends at once. */
function failsAt(t: ExecutionContext, number: number) {
  const {command, args} = fixture('one-fails');
  return {command, args: [...args, join(temporaryFolder(t), 'count'), String(number)], cwd: undefined};
}

/** What so many clients at the same moment get back. */
async function echoes(bed: Bed, clients = 1): Promise<string[]> {
  const all = Array.from({length: clients}, () => bed.connect().end('x').all);
  return (await Promise.all(all)).map(String);
}
