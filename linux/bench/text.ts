import {meaning} from './meaning.ts';
import type {Memory} from './memory.ts';
import type {BenchReport, Burst, SocketReport, Timed} from './report.ts';
import {megabytes, milliseconds} from './units.ts';

/** What stands in a column: `value` is what is compared with the first column. */
type Cell = {text: string; value?: number};

/** A question, and how its answer is read from a report; undefined where it was not asked. */
type Row = {title: string; read(report: SocketReport): Cell | undefined};

const GAP = '   ';

/** A report for people: a table, with ratios where there is more than one socket, and what its numbers mean. */
export function benchText({sockets}: BenchReport): string {
  const several = sockets.length > 1;
  const heads = sockets.map((_, index) => (several ? letter(index) : ''));
  const names = sockets.map((report, index) => `${several ? `${heads[index]}  ` : ''}${nameOf(report)}`);
  const lines = rowsOf(sockets).map(({title, read}) => {
    const cells = sockets.map(read);
    return [title, ...cells.map((cell, index) => cellText(cell, index === 0 ? undefined : cells[0]))];
  });
  const table = aligned(several ? [['', ...heads], ...lines] : lines);
  return `${[...names, '', ...table, '', ...meaning(sockets, heads)].join('\n')}\n`;
}

function letter(index: number): string {
  return String.fromCharCode(0x41 + index);
}

function nameOf({endpoint, socket, keys}: SocketReport): string {
  return `${endpoint === null ? '' : `${endpoint}, `}${socket}, ${keys} ${keys === 1 ? 'key' : 'keys'}`;
}

/** The questions that at least one socket was asked. */
function rowsOf(sockets: readonly SocketReport[]): Row[] {
  const sizes = (list: (report: SocketReport) => {connections: number}[]) =>
    [...new Set(sockets.flatMap(list).map(({connections}) => connections))].sort((a, b) => a - b);
  return [
    {title: 'very first answer', read: ({first}) => ({text: milliseconds(first), value: first})},
    {title: 'connect to answer, p50 / p90 / p99', read: ({warm}) => timed(warm)},
    {title: 'one more request, p50 / p90 / p99', read: ({second}) => timed(second)},
    ...sizes(({bursts}) => bursts).map(
      (size): Row => ({
        title: `${size} at once, all answered after`,
        read: ({bursts}) => burst(bursts.find(({connections}) => connections === size)),
      }),
    ),
    ...sizes(({throughput}) => throughput).map(
      (size): Row => ({
        title: `requests per second on ${size} ${size === 1 ? 'connection' : 'connections'}`,
        read: ({throughput}) => {
          const rate = throughput.find(({connections}) => connections === size);
          return rate && {text: `${Math.round(rate.perSecond)}${lost(rate)}`, value: rate.perSecond};
        },
      }),
    ),
    {title: 'memory on the Linux side', read: ({memory}) => memoryCell(memory)},
    ...sizes(({held}) => held).flatMap((size): Row[] => {
      const find = ({held}: SocketReport) => held.find(({connections}) => connections === size);
      return [
        {title: `${size} held: memory`, read: report => memoryCell(find(report)?.memory ?? null)},
        {
          title: `${size} held: a new one, p50 / p90 / p99`,
          read: report => {
            const found = find(report);
            return found && timed(found.fresh);
          },
        },
      ];
    }),
  ];
}

function timed({ms, failures}: Timed): Cell | undefined {
  if (ms === null) return failures === 0 ? undefined : {text: `none of ${failures} answered`};
  const all = [ms.p50, ms.p90, ms.p99].map(each => milliseconds(each).replace(/ ms$/, '')).join(' / ');
  return {text: `${all} ms${lost({failures})}`, value: ms.p50};
}

function burst(found: Burst | undefined): Cell | undefined {
  if (found === undefined) return undefined;
  const {ms, failures, rounds, connections} = found;
  if (ms === null) return {text: `${failures} of ${rounds * connections} lost`};
  return {text: `${milliseconds(ms.p50)}${lost({failures})}`, value: ms.p50};
}

function lost({failures}: {failures: number}): string {
  return failures === 0 ? '' : `, ${failures} lost`;
}

function memoryCell(memory: Memory | null): Cell | undefined {
  if (memory === null) return undefined;
  const value = memory.pss + memory.started.pss;
  const {processes} = memory.started;
  const many = processes === 0 ? '' : ` in ${processes + 1} processes`;
  return {text: `${megabytes(value)}${many}`, value};
}

function cellText(cell: Cell | undefined, first: Cell | undefined): string {
  if (cell === undefined) return '–';
  if (cell.value === undefined || first?.value === undefined || first.value === 0) return cell.text;
  const ratio = cell.value / first.value;
  return `${cell.text} (${ratio < 0.1 ? ratio.toFixed(2) : ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)}×)`;
}

function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}
