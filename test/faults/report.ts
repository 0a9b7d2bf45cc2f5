/** Figures as a person reads them: on a terminal, and in docs/reliability.md. */
import {type Figure, hasFault} from './figures.ts';
import type {Part, Run} from './run.ts';

const BEGIN = '<!-- faults: from here on written by npm run faults -- --docs -->';
const END = '<!-- faults: up to here -->';

/** How many findings of a question stand on the page, and how much of each. */
const FINDINGS_MAX = 3;
const FINDING_MAX = 200;

export function asText({parts, leftOut}: Run): string {
  const lines = parts.flatMap(part => [
    `${part.name} (${part.where}), ${part.seconds} s, seed ${part.seed}${hasFault(part) ? ': FAULTS' : ''}`,
    ...part.lines.map(figure => `  ${lineText(figure)}`),
    ...part.findings.map(finding => `  ✘ ${finding}`),
  ]);
  return [...lines, ...leftOut.map(({what, why}) => `left out: ${what}: ${why}`)].join('\n');
}

/** The page with what is between its marks replaced. Throws when it has no such marks. */
export function withTable(page: string, run: Run): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page has no "${BEGIN}" … "${END}"`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${section(run)}\n\n${page.slice(to)}`;
}

/** Several runs as one: of a question that is in more than one, the last. */
export function combined(runs: readonly [Run, ...Run[]]): Run {
  const parts = new Map<string, Part>();
  for (const run of runs) for (const part of run.parts) parts.set(`${part.name} ${part.where}`, part);
  const last = runs.at(-1) ?? runs[0];
  const leftOut = runs.flatMap(run => run.leftOut);
  return {...last, changed: runs.some(({changed}) => changed), parts: [...parts.values()], leftOut};
}

function lineText({what, tried, lost, mayLose = 0, left, seen}: Figure): string {
  const may = mayLose > 0 ? ` (${mayLose} may)` : '';
  return `${what}: tried ${number(tried)}, lost ${number(lost)}${may}, left ${number(left)}${seen ? `; ${seen}` : ''}`;
}

function section(run: Run): string {
  const {cpu, cores, memory, kernel} = run.machine;
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  const findings = run.parts.flatMap(findingsOf);
  const quick = run.parts.some(part => part.quick);
  return [
    `${cpu}, ${cores} cores, ${(memory / 1024 ** 3).toFixed(0)} GiB, Linux ${kernel}; ${versions.join(', ')}; commit ${run.commit}${run.changed ? ' with changes' : ''}, ${run.date.slice(0, 10)}.`,
    ...(quick ? ['', '**Some of this was a quick run, which tries little.**'] : []),
    '',
    '| what was done | tried | lost | left | what else was seen |',
    '| --- | ---: | ---: | ---: | --- |',
    ...run.parts.flatMap(({lines}) => lines.map(row)),
    '',
    `How long it took: ${run.parts.map(({name, where, seconds}) => `${name} ${where} ${seconds} s`).join(', ')}.`,
    '',
    ...(findings.length === 0
      ? ['Nothing was found that breaks a promise.']
      : ['What was found, and is not mended:', '', ...findings.map(finding => `- ${finding}`)]),
    ...run.leftOut.map(({what, why}) => `\nLeft out: ${what}: ${why}.`),
  ].join('\n');
}

function row({what, tried, lost, left, seen = ''}: Figure): string {
  const bold = (count: number) => (count > 0 ? `**${number(count)}**` : '0');
  return `| ${[what, number(tried), bold(lost), bold(left), seen].map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function findingsOf({name, where, findings}: Part): string[] {
  const more = findings.length - FINDINGS_MAX;
  const told = findings.slice(0, FINDINGS_MAX).map(shortened);
  return more > 0 ? [...told, `${name} (${where}): ${number(more)} more`] : told;
}

/** Without the stack, which has paths of this machine. */
function shortened(finding: string): string {
  const [first = ''] = finding.split('\n');
  return cell(first.length > FINDING_MAX ? `${first.slice(0, FINDING_MAX)}…` : first);
}

function number(value: number): string {
  return value.toLocaleString('en');
}
