/** Install, upgrade, repair and uninstall, interrupted at each of their operations; the next run must put all right. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Figure, Figures} from '../figures.ts';
import {JOURNEYS, type Journey} from './journeys.ts';
import {EDIT, EDITED, type Fault, type FaultKind, Machine, type OperationClass, type Ran} from './machine.ts';

export type MatrixOptions = {
  /** Every so manieth point is tried, beginning with the one of this number; those that were bad once are always. */
  every: number;
  offset: number;
  /** Only these journeys; all without it. */
  journeys?: readonly string[];
  signal?: AbortSignal;
  /** A line of progress. */
  report(line: string): void;
};

type Kind = {name: string; kind: FaultKind; of: OperationClass};

const KINDS: readonly Kind[] = [
  {name: 'killed before', kind: 'kill', of: 'change'},
  {name: 'killed after', kind: 'done', of: 'change'},
  {name: 'a full disk (ENOSPC) from', kind: 'full', of: 'change'},
  {name: 'a read-only disk (EROFS) from', kind: 'readonly', of: 'change'},
  {name: 'an error (EIO) at', kind: 'eio', of: 'change'},
  {name: 'an error (EIO) of reading at', kind: 'eio', of: 'look'},
  {name: "somebody's edit before", kind: 'edit', of: 'change'},
];

type Point = {journey: Journey; kind: Kind; at: number; operation: string};

/** Tries the points one after the other on a machine of its own, and takes that away again. */
export async function runInstallMatrix(options: MatrixOptions): Promise<Figures> {
  const machine = await Machine.make();
  try {
    return await new Matrix(machine, options).run();
  } finally {
    machine.remove();
  }
}

class Matrix {
  readonly #machine: Machine;
  readonly #options: MatrixOptions;
  readonly #figures = new Map<string, Figure>();
  readonly #findings: string[] = [];
  #bare: string[] = [];
  #tried = 0;

  constructor(machine: Machine, options: MatrixOptions) {
    this.#machine = machine;
    this.#options = options;
  }

  async run(): Promise<Figures> {
    this.#machine.keep('bare');
    this.#bare = this.#machine.state();
    const {journeys} = this.#options;
    for (const journey of JOURNEYS)
      if (journeys?.includes(journey.name) !== false) await this.#journey(journey);
    return {lines: [...this.#figures.values()], findings: this.#findings};
  }

  async #journey(journey: Journey): Promise<void> {
    const {signal, report} = this.#options;
    this.#machine.restore('bare');
    await journey.before(this.#machine);
    this.#machine.keep('start');
    const goal = await this.#clean(journey, 'change');
    const looks = await this.#clean(journey, 'look');
    const points = KINDS.flatMap(kind =>
      (kind.of === 'change' ? goal : looks).operations.map((operation, index): Point => {
        return {journey, kind, at: index + 1, operation: operation.replace(/^\d+ /, '')};
      }),
    ).filter((point, index) => this.#isChosen(point, index));
    report(`${journey.name}: ${goal.operations.length} operations, ${points.length} points`);
    for (const point of points) {
      signal?.throwIfAborted();
      await this.#point(point, goal.state);
      if (++this.#tried % 100 === 0) report(`${journey.name}: ${this.#tried} points tried so far`);
    }
  }

  /** The journey without a fault: its operations, and how everything is afterwards. */
  async #clean({name, args}: Journey, of: OperationClass): Promise<{operations: string[]; state: string[]}> {
    this.#machine.restore('start');
    const ran = await this.#machine.run(args, {fault: {at: 0, kind: 'kill', of}});
    if (ran.exitCode !== 0) throw new Error(`${name} without a fault: ${ran.stderr}`);
    return {operations: ran.operations, state: this.#machine.state()};
  }

  #isChosen(point: Point, index: number): boolean {
    if (isBetweenLookAndRename(point)) return false;
    return index % this.#options.every === this.#options.offset % this.#options.every || wasBad(point);
  }

  async #point(point: Point, goal: readonly string[]): Promise<void> {
    const {journey, kind, at} = point;
    const fault: Fault = {at, kind: kind.kind, of: kind.of};
    this.#machine.restore('start');
    const ran = await this.#machine.run(journey.args, {fault});
    const figure = this.#figure(point);
    figure.tried++;
    this.#judge(point, ran);
    this.#machine.keep('faulted');
    if (journey.name === 'uninstall' && kind.kind === 'full') this.#compare(point, 'at once', this.#bare);
    for (const way of journey.ways) {
      this.#machine.restore('faulted');
      for (const step of way) {
        const args = step === 'again' ? journey.args : step;
        const next = await this.#machine.run(args);
        // what is not installed any more, or never was, cannot be taken away
        const fine = next.exitCode === 0 || (next.exitCode === 3 && args[0] === 'uninstall');
        if (!fine) this.#find(point, `then wslagent ${args.join(' ')}: ${next.stderr || next.stdout}`);
        if (step === 'again') this.#atGoal(point, goal);
      }
      this.#compare(point, way.map(step => (step === 'again' ? 'again' : step[0])).join(', '), this.#bare);
    }
  }

  /** What the run itself said. */
  #judge(point: Point, {exitCode, stderr}: Ran): void {
    if (exitCode === undefined) return;
    if (exitCode === 70 || /bug in wslagent|\n {4}at /.test(stderr)) this.#find(point, `a bug: ${stderr}`);
    else if (exitCode !== 0 && !/wslagent: error: .+\nwslagent: hint: .+/.test(stderr))
      this.#find(point, `exit ${exitCode} without a hint: ${stderr}`);
    if (exitCode !== 0 && point.kind.kind === 'edit') this.#find(point, `an edit fails it: ${stderr}`);
    if (exitCode !== 0 && point.kind.kind === 'full' && point.journey.name === 'uninstall')
      this.#find(point, `does not work on a full disk: ${stderr}`);
  }

  /** The same command once more reaches the goal, as if nothing had gone wrong. */
  #atGoal(point: Point, goal: readonly string[]): void {
    this.#compare(point, 'the goal', goal);
    const record = this.#record();
    if (/"pending": true/.test(record))
      this.#find(point, 'the record says that it was cut short, and nothing cures it');
  }

  #record(): string {
    try {
      return readFileSync(join(this.#machine.home, '.local/state/wslagent/install.json'), 'utf8');
    } catch {
      return '';
    }
  }

  #compare(point: Point, where: string, expected: readonly string[]): void {
    const edited = point.kind.kind === 'edit';
    const isCompared = (line: string) =>
      !line.includes('/wslagent/install.json') && !(edited && line.includes(`/${EDITED} `));
    const is = this.#machine.state().filter(isCompared);
    const should = expected.filter(isCompared);
    const missing = should.filter(line => !is.includes(line));
    const extra = is.filter(line => !should.includes(line));
    const figure = this.#figure(point);
    if (edited && readFileSync(join(this.#machine.home, EDITED), 'utf8').split(EDIT).length !== 2)
      missing.push('the edit');
    if (missing.length > 0) figure.lost++;
    if (extra.length > 0) figure.left++;
    if (missing.length + extra.length > 0)
      this.#find(
        point,
        `${where}: ${[...missing.map(line => `- ${line}`), ...extra.map(line => `+ ${line}`)].join('; ')}`,
      );
  }

  #figure({journey, kind}: Point): Figure {
    const what = `${journey.name}, ${kind.name} a ${kind.of === 'look' ? 'read' : 'change of a file or a command'}`;
    const known = this.#figures.get(what) ?? {what, tried: 0, lost: 0, left: 0};
    this.#figures.set(what, known);
    return known;
  }

  #find({journey, kind, at, operation}: Point, what: string): void {
    this.#findings.push(`${journey.name}, ${kind.name} operation ${at} (${operation}): ${what}`);
  }
}

/** Between the last look at a file and the rename that replaces it no program can stand: an edit there is lost. */
function isBetweenLookAndRename({kind, operation}: Point): boolean {
  return kind.kind === 'edit' && operation === `rename home/${EDITED}`;
}

/** Where something stayed behind, or what was said cured nothing, when the matrix was made. */
function wasBad(_point: Point): boolean {
  return false;
}
