// needs: wine
import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {memoryOf} from '../../bench/memory.ts';
import {chainFor} from './chain.ts';
import {askOnce} from './client.ts';
import {startToldBed, type ToldBed} from './told-bed.ts';
import {answer, echo} from './told-requests.ts';

const BODY = Buffer.from('idle');
let bed: ToldBed;
test.before(async t => {
  t.timeout(180_000);
  bed = await startToldBed();
});
test.after.always(async () => {
  await bed?.stop();
});

function switches(pid: number): Record<string, string> {
  const out: Record<string, string> = {};
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const s = readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8');
    const comm = readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim();
    out[`${comm}/${task}`] = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(s)?.[1] + '+' + /^nonvoluntary_ctxt_switches:\s+(\d+)/m.exec(s)?.[1];
  }
  return out;
}
function diff(a: Record<string, string>, b: Record<string, string>) {
  return Object.entries(b).filter(([k, v]) => a[k] !== v).map(([k, v]) => `${k}: ${a[k]} -> ${v}`);
}

test.serial('explore', async t => {
  t.timeout(600_000);
  const chain = await chainFor(t, bed.twin, {target: bed.target});
  for (let i = 0; i < Number(process.env.ASKS ?? 1); i++) t.deepEqual(await askOnce(chain.socket, echo(BODY)), answer(BODY));
  const [helper = 0] = chain.helpers();
  for (const secs of (process.env.WINDOWS ?? '2,5,10,60').split(',').map(Number)) {
    const a = [switches(chain.pid), switches(helper)];
    await sleep(secs * 1000);
    const b = [switches(chain.pid), switches(helper)];
    console.log(secs, 'relay', diff(a[0]!, b[0]!), 'helper', diff(a[1]!, b[1]!));
    console.log('mem relay', memoryOf([chain.pid]), 'helper', memoryOf([helper]));
  }
});
