/** The one figure of each result that tells most, for comparisons and plots. */
import type {Result, Run} from './schema.ts';
import {size} from './stream-tables.ts';

export type Figure = {
  /** What was asked, of which server, in which variant: the same in every run. */
  what: string;
  way: string;
  value: number;
  unit: 'ms' | 'MiB' | 'MiB/s';
  /** The latency below which nine in ten are. */
  p90?: number;
};

/** Results without a figure (all failed, or only judged) are left out. */
export function figures({results}: Pick<Run, 'results'>): Figure[] {
  return results.flatMap(result => {
    const {way, server} = result;
    const figure = figureOf(result);
    return figure === undefined ? [] : {what: `${figure.what} (${server})`, way, ...figure.of};
  });
}

type Found = {what: string; of: Omit<Figure, 'what' | 'way'>};

function figureOf(result: Result): Found | undefined {
  switch (result.question) {
    case 'burst':
      return {what: `burst of ${result.size}`, of: {value: result.ms.p50, unit: 'ms', p90: result.ms.p90}};
    case 'held':
      return {
        what: `${result.size} held`,
        of: {value: (result.linux.own + result.windows.own) / 1024 ** 2, unit: 'MiB'},
      };
    case 'stream': {
      const {direction, write, channels, mebibytesPerSecond: value} = result;
      return {what: `stream ${direction} ${size(write)} x${channels}`, of: {value, unit: 'MiB/s'}};
    }
    case 'long':
      return undefined;
    default: {
      const {question, ms} = result;
      return ms && {what: question, of: {value: ms.p50, unit: 'ms', p90: ms.p90}};
    }
  }
}
