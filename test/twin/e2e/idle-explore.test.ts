// needs: systemd
import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {memoryOf} from '../../bench/memory.ts';
import {chainFor} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {startToldBed, type ToldBed} from './told-bed.ts';
import {answer, echo} from './told-requests.ts';
const BODY = Buffer.from('idle');
let bed: ToldBed;
test.before(async t => { t.timeout(180_000); bed = await startToldBed(); });
test.after.always(async () => { await bed?.stop(); });
function sums(pid: number): number[] {
  let v = 0, n = 0, c = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const s = readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8');
    v += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(s)?.[1]);
    n += Number(/^nonvoluntary_ctxt_switches:\s+(\d+)/m.exec(s)?.[1]);
    const st = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
    c += Number(st[0]);
  }
  return [v, n, c / 1e6];
}
const mb = (x: number) => (x / 1048576).toFixed(1);
const mem = (pid: number) => { const m = memoryOf([pid]); return `pss ${mb(m.pss)} own ${mb(m.own)} rss ${/^VmRSS:.*/m.exec(readFileSync(`/proc/${pid}/status`,'utf8'))?.[0]}`; };
async function watch(name: string, pids: number[], secs: number) {
  const a = pids.map(sums); await sleep(secs * 1000); const b = pids.map(sums);
  console.log(name, secs, 's', pids.map((p, i) => `switches +${b[i]![0]! - a[i]![0]!}/+${b[i]![1]! - a[i]![1]!} cpu +${(b[i]![2]! - a[i]![2]!).toFixed(2)}ms ${mem(p)}`));
}
test.serial('explore', async t => {
  t.timeout(600_000);
  const chain = await chainFor(t, bed.twin, {target: bed.target});
  const ask = async () => { const at = performance.now(); t.deepEqual(await askOnce(chain.socket, echo(BODY)), answer(BODY)); return (performance.now() - at).toFixed(2); };
  console.log('cold', await ask(), 'warm', await ask(), await ask());
  const pids = [chain.pid, chain.helpers()[0] ?? 0];
  await watch('settle', pids, 12);
  await watch('idle', pids, 90);
  console.log('after idle', await ask(), 'then', await ask(), await ask());
  await watch('settle', pids, 12);
  await watch('idle', pids, 60);
  console.log('after idle', await ask(), 'then', await ask(), await ask());
  const all = [];
  for (let i = 0; i < 1000; i++) { const c = await Client.to(chain.socket); await c.ask(echo(BODY)); all.push(c); }
  await watch('1000 held', pids, 1);
  for (const c of all) c.close();
  await watch('left', pids, 12);
  await watch('idle', pids, 60);
  console.log('after idle', await ask(), 'then', await ask(), await ask());
  console.log(chain.helpers());
});
