/** Throughput as tables in which each way has a column: there are too many kinds of orders for a row each. */
import type {ResultOf} from './schema.ts';
import {type Table, times} from './text.ts';

type Stream = ResultOf<'stream'>;

/** Whose ratio is shown at the end of each row. */
const [OURS, BASE] = ['wslagent', 'npiperelay'];

export function streamTables(results: readonly Stream[], server: string): Table[] {
  const ways = [...new Set(results.map(({way}) => way))];
  const kinds = [...new Set(results.map(kindOf))];
  const table = (title: string, cell: (of: Stream) => string, value: (of: Stream) => number): Table => ({
    title: `raw bytes, ${title} (server: ${server})`,
    columns: ['order', ...ways, `${OURS} to ${BASE}`],
    rows: kinds.map(kind => {
      const same = new Map(results.filter(one => kindOf(one) === kind).map(one => [one.way, one]));
      const [ours, base] = [same.get(OURS), same.get(BASE)];
      const cells = ways.map(way => same.get(way)).map(one => (one === undefined ? '–' : cell(one)));
      return [kind, ...cells, times(ours && value(ours), base && value(base))];
    }),
  });
  return [
    table(
      'MiB/s',
      one => one.mebibytesPerSecond.toFixed(1),
      one => one.mebibytesPerSecond,
    ),
    table(
      'CPU seconds for each GiB, Linux + Windows',
      ({cpu: {linux, windows}}) => `${linux.toFixed(1)} + ${windows.toFixed(1)}`,
      ({cpu: {linux, windows}}) => linux + windows,
    ),
    table(
      'CPU seconds of wineserver for each GiB',
      ({cpu: {wineserver}}) => wineserver.toFixed(1),
      ({cpu: {wineserver}}) => wineserver,
    ),
  ];
}

/** `in 64K x8`: to Windows, writes of 64 KiB, eight connections. */
function kindOf({direction, write, channels}: Stream): string {
  return `${direction} ${size(write)} x${channels}`;
}

/** 65536 is "64K". */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes}`;
  return bytes < 1024 ** 2 ? `${bytes / 1024}K` : `${bytes / 1024 ** 2}M`;
}
