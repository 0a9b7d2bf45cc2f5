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

/** What a look found wrong: nothing where `what` is empty. */
type Seen = {lost: boolean; left: boolean; what: string};

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
  /** What was seen after each state, of the journey that is tried. */
  #known = new Map<string, readonly Seen[]>();
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
    this.#known = new Map();
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
    const seen = [
      ...wrongWords(point, ran),
      ...(isWholeUninstall(journey) && kind.kind === 'full'
        ? [this.#compare('at once', this.#bare, false)]
        : []),
      ...(await this.#goOn(journey, goal, kind.kind === 'edit')),
    ];
    if (seen.some(({lost}) => lost)) figure.lost++;
    if (seen.some(({left}) => left)) figure.left++;
    for (const {what} of seen) if (what !== '') this.#find(point, what);
  }

  /** Every way on from here, tried once from each state: most faults leave one that another has left before. */
  async #goOn(journey: Journey, goal: readonly string[], edited: boolean): Promise<readonly Seen[]> {
    const key = [edited, ...this.#machine.state()].join('\n').replace(/\.wslagent-install\.\S+/g, 'lock');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const seen: Seen[] = [];
    this.#machine.keep('faulted');
    for (const way of journey.ways) {
      this.#machine.restore('faulted');
      for (const step of way) {
        const args = step === 'again' ? journey.args : step;
        const next = await this.#machine.run(args);
        // what is not installed any more, or never was, cannot be taken away
        const fine = next.exitCode === 0 || (next.exitCode === 3 && args[0] === 'uninstall');
        if (!fine) seen.push(wrong(`then wslagent ${args.join(' ')}: ${next.stderr || next.stdout}`));
        if (step === 'again') seen.push(this.#compare('the goal', goal, edited), this.#settled());
      }
      const words = way.map(step => (step === 'again' ? 'again' : step[0])).join(', ');
      seen.push(this.#compare(`in the end (${words})`, this.#bare, edited));
    }
    this.#known.set(key, seen);
    return seen;
  }

  #settled(): Seen {
    return wrong(
      /"pending": true/.test(this.#record())
        ? 'the record says that it was cut short, and nothing cures it'
        : '',
    );
  }

  #record(): string {
    try {
      return readFileSync(join(this.#machine.home, '.local/state/wslagent/install.json'), 'utf8');
    } catch {
      return '';
    }
  }

  #compare(where: string, expected: readonly string[], edited: boolean): Seen {
    const isCompared = (line: string) =>
      !line.includes('/wslagent/install.json') && !(edited && line.includes(`/${EDITED} `));
    const is = this.#machine.state().filter(isCompared);
    const should = expected.filter(isCompared);
    const missing = should.filter(line => !is.includes(line));
    const extra = is.filter(line => !should.includes(line));
    if (edited && readFileSync(join(this.#machine.home, EDITED), 'utf8').split(EDIT).length !== 2)
      missing.push('the edit');
    if (missing.length + extra.length === 0) return wrong('');
    const lines = [...missing.map(line => `- ${line}`), ...extra.map(line => `+ ${line}`)];
    return {lost: missing.length > 0, left: extra.length > 0, what: `${where}: ${lines.join('; ')}`};
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

/** What has to work on a full disk. */
function isWholeUninstall({args}: Journey): boolean {
  return args.join() === 'uninstall';
}

function wrong(what: string): Seen {
  return {lost: false, left: false, what};
}

/** What a run that went wrong said that helps nobody. */
function wrongWords({kind, journey}: Point, {exitCode, stderr}: Ran): Seen[] {
  if (exitCode === undefined) return [];
  if (exitCode === 70 || /bug in wslagent|\n {4}at /.test(stderr)) return [wrong(`a bug: ${stderr}`)];
  if (exitCode === 0) return [];
  if (!/wslagent: error: .+\nwslagent: hint: .+/.test(stderr))
    return [wrong(`exit ${exitCode} without a hint: ${stderr}`)];
  if (kind.kind === 'edit') return [wrong(`an edit makes it fail: ${stderr}`)];
  const mustWork = kind.kind === 'full' && isWholeUninstall(journey);
  return mustWork ? [wrong(`does not work on a full disk: ${stderr}`)] : [];
}

/** Between the last look at a file and the rename that replaces it no program can stand: an edit there is lost. */
function isBetweenLookAndRename({kind, operation}: Point): boolean {
  return kind.kind === 'edit' && operation === `rename home/${EDITED}`;
}

/** Where something stayed behind, was lost, or was cured by nothing that was said, before there was a matrix. */
const BAD: readonly {kinds: readonly FaultKind[]; operation: RegExp}[] = [
  // folders that no record knew
  {kinds: ['kill', 'done'], operation: /^(mkdir|rmdir) home\/\.local(\/state(\/wslagent)?)?$/},
  // a half-written file beside a linked one; the exe as .wslagent-tmp and .old
  {kinds: ['done'], operation: /^(open to )?write home\/dotfiles\/bashrc\.wslagent-tmp$/},
  {kinds: ['kill', 'done'], operation: /^(rename|unlink) windows\/.*\.exe$/},
  {kinds: ['done'], operation: /^copy_file_range .*\.exe\.wslagent-tmp$/},
  // SSH_AUTH_SOCK in the user manager
  {kinds: ['done'], operation: /^unlink home\/\.config\/environment\.d\//},
  {kinds: ['kill', 'eio'], operation: /^run systemctl --user daemon-reload$/},
  // an edit between looking and writing
  {kinds: ['edit'], operation: /^open to write home\/\.profile\.wslagent-tmp$/},
  // the record itself, on its way out
  {
    kinds: ['eio'],
    operation: /^(unlink|stat) home\/\.local\/state\/wslagent\/install\.json\.(copy|wslagent-tmp)$/,
  },
  // a full and a read-only disk from the first change on
  {kinds: ['full', 'readonly'], operation: /^run systemctl --user show --property=UnitPath/},
];

function wasBad({kind, operation}: Point): boolean {
  return BAD.some(bad => bad.kinds.includes(kind.kind) && bad.operation.test(operation));
}
