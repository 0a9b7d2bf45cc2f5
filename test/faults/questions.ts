/** Everything that `npm run faults` can be asked, and how much of it. */
import type {Asked, Figures} from './figures.ts';
import {runInstallMatrix} from './install/matrix.ts';
import {here} from './parts/here.ts';
import type {TwinPlace} from './parts/twin.ts';
import {startUnits} from './parts/units.ts';
import {killAgents} from './questions/agent-killed.ts';
import {fuzzing} from './questions/fuzz.ts';
import {killHelpers} from './questions/helper-killed.ts';
import {silenceHelpers} from './questions/helper-silent.ts';
import {killRelays} from './questions/relay-killed.ts';
import {stopRelays} from './questions/relay-stopped.ts';
import {soak} from './questions/soak.ts';
import {streams} from './questions/streams.ts';

export type Question = {
  name: string;
  /** One line for `--help`. */
  about: string;
  /** With the helper on this system's Node, or without any. */
  here?(asked: Asked): Promise<Figures>;
  /** With the exe under Wine: a smaller share of the same. */
  twin?(asked: Asked, place: TwinPlace): Promise<Figures>;
  /** The twin's part needs a `systemd --user`. */
  systemd?: true;
};

/** In the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'helper-killed',
    about: 'helpers killed under clients that ask',
    here: asked => killHelpers(here(), asked.quick ? 5 : 200, asked),
    twin: (asked, place) => killHelpers(place, asked.quick ? 2 : 25, asked),
  },
  {
    name: 'helper-silent',
    about: 'helpers that live and do nothing',
    here: asked => silenceHelpers(here(), asked.quick ? 1 : 5, asked),
    twin: (asked, place) => silenceHelpers(place, asked.quick ? 1 : 2, {...asked, quick: true}),
  },
  {
    name: 'relay-stopped',
    about: 'SIGTERM to a relay that systemd started, under clients that come',
    here: asked => stopRelays(here(), asked.quick ? 5 : 60, asked),
    twin: (asked, place) =>
      stopRelays(
        place,
        asked.quick ? 2 : 15,
        asked,
        ground => startUnits(ground, place.twin),
        'the exe under Wine, systemd',
      ),
    systemd: true,
  },
  {
    name: 'relay-killed',
    about: 'SIGKILL to a relay under clients that wait',
    here: asked => killRelays(here(), asked.quick ? 2 : 30, asked),
    twin: (asked, place) => killRelays(place, asked.quick ? 1 : 8, asked),
  },
  {
    name: 'agent-killed',
    about: 'the agent killed and started again under clients that ask',
    here: asked => killAgents(here(), asked.quick ? 3 : 40, asked),
    twin: (asked, place) => killAgents(place, asked.quick ? 1 : 8, asked),
  },
  {
    name: 'soak',
    about: 'a hundred thousand connections: memory and descriptors',
    here: asked => soak(here(), asked.quick ? 3000 : 100_000, asked),
    twin: (asked, place) => soak(place, asked.quick ? 300 : 6000, asked),
  },
  {
    name: 'streams',
    about: 'a hundred thousand client streams, mutated and cut',
    here: asked => streams(here(), asked.quick ? 2000 : 100_000, asked),
    twin: (asked, place) => streams(place, asked.quick ? 300 : 5000, asked, ['ssh-agent']),
  },
  {
    name: 'install',
    about: 'install, upgrade, repair and uninstall, interrupted at every operation',
    here: ({quick, seed, signal, report}) =>
      runInstallMatrix({every: quick ? 150 : 1, offset: quick ? seed : 0, signal, report}),
  },
  {
    name: 'fuzz',
    about: 'ten million mutated frames, messages, files and settings',
    here: asked => fuzzing(asked.quick ? 100_000 : 10_000_000, asked),
  },
];
