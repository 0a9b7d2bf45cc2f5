/** A plot as an SVG file, readable on light and on dark: dots on a logarithmic scale, a row for each way. */
import {show} from './compare.ts';
import type {Figure} from './figures.ts';

export type Panel = {title: string; figures: readonly Figure[]};

const WIDTH = 760;
const LABELS = 150;
const VALUES = 90;
const ROW = 20;
const TITLE = 46;
const TOP = 4;
const DOT = 4.5;

/** Text and lines follow what the person who looks at it prefers; the two colours of dots are seen on both grounds. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .tick { font-size: 10px; text-anchor: middle; fill-opacity: 0.6; }
  .axis { stroke: #8c959f; stroke-opacity: 0.35; }
  .other { fill: #8c959f; stroke: #8c959f; }
  .ours { fill: #2f81f7; stroke: #2f81f7; }
  .spread { stroke-width: 2; stroke-opacity: 0.5; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
`;

/** Panels without figures are left out. The whole is one text that ends in a newline. */
export function plot(panels: readonly Panel[], caption: string): string {
  let y = TOP;
  const parts = panels
    .filter(({figures}) => figures.length > 0)
    .map(panel => {
      const drawn = drawPanel(panel, y);
      y += TITLE + panel.figures.length * ROW;
      return drawn;
    });
  const height = y + TITLE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${xml(caption)}">
<style>${STYLE}</style>
${parts.join('\n')}
<text x="0" y="${height - 8}" fill-opacity="0.7">${xml(caption)}</text>
</svg>
`;
}

function drawPanel({title, figures}: Panel, top: number): string {
  const values = figures.flatMap(({value, p90}) => [value, p90 ?? value]).filter(value => value > 0);
  const [low, high] = [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ];
  const decades = Math.max(1, high - low);
  const at = (value: number) =>
    round(LABELS + ((Math.log10(value) - low) / decades) * (WIDTH - LABELS - VALUES));
  const bottom = top + TITLE + figures.length * ROW - ROW / 2;
  const grid = Array.from({length: decades + 1}, (_, n) => {
    const x = at(10 ** (low + n));
    return [
      `<text class="tick" x="${x}" y="${top + TITLE - 16}">${10 ** (low + n)}</text>`,
      `<line class="axis" x1="${x}" x2="${x}" y1="${top + TITLE - 12}" y2="${bottom}"/>`,
    ].join('');
  });
  const rows = figures.map(({way, value, unit, p90}, n) => {
    const y = top + TITLE + n * ROW;
    const kind = way.startsWith('wslagent') ? 'ours' : 'other';
    const x = at(Math.max(value, 10 ** low));
    const end = p90 === undefined ? x : at(p90);
    return [
      `<text x="0" y="${y + 4}">${xml(way)}</text>`,
      ...(end > x ? [`<line class="${kind} spread" x1="${x}" x2="${end}" y1="${y}" y2="${y}"/>`] : []),
      `<circle class="${kind}" cx="${x}" cy="${y}" r="${DOT}"/>`,
      `<text x="${Math.max(x, end) + 10}" y="${y + 4}">${show({value, unit})}</text>`,
    ].join('');
  });
  return [
    `<text class="title" x="0" y="${top + 16}">${xml(title)}, ${figures[0]?.unit}</text>`,
    ...grid,
    ...rows,
  ].join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
