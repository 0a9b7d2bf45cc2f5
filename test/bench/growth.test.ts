import test from 'ava';
import {growing} from './report/growth.ts';
import type {Checkpoint} from './report/schema.ts';
import {memory} from './sample-run.ts';

type Look = {mebibytes?: number; descriptors?: number; processes?: number; wineserver?: number};

function looks(all: Look[]): Checkpoint[] {
  return all.map(({mebibytes = 50, descriptors = 40, processes = 2, wineserver = 8}, n) => ({
    connections: n * 1000,
    memory: memory(processes, mebibytes),
    wineserver: memory(1, wineserver),
    descriptors,
  }));
}

const row = (key: keyof Look, values: number[]) => looks(values.map(value => ({[key]: value})));

const CASES: [title: string, checkpoints: Checkpoint[], grows: string[]][] = [
  ['what stays', row('mebibytes', [50, 50, 50, 50, 50, 50]), []],
  ['memory that moves up and down', row('mebibytes', [50, 58, 51, 57, 50, 59]), []],
  ['memory that fills up once', row('mebibytes', [50, 60, 60, 60, 60, 60]), []],
  ['memory that rises by less than a heap moves', row('mebibytes', [50, 50, 51, 52, 53, 54]), []],
  ['memory that rises', row('mebibytes', [50, 52, 55, 58, 61, 64]), ['memory']],
  ['wineserver, which has the handles', row('wineserver', [8, 9, 12, 14, 16, 18]), ['memory of wineserver']],
  ['descriptors', row('descriptors', [40, 41, 42, 43, 44, 45]), ['descriptors']],
  ['a descriptor that came and went', row('descriptors', [40, 40, 41, 40, 41, 40]), []],
  ['processes', row('processes', [2, 2, 3, 3, 4, 4]), ['processes']],
  ['two looks only', row('processes', [2, 3]), ['processes']],
  ['one look only', row('processes', [2]), []],
];

for (const [title, checkpoints, grows] of CASES)
  test(`growth: ${title}`, t => {
    t.deepEqual(growing(checkpoints), grows);
  });
