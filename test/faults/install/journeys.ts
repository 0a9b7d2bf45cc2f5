import {rmSync, truncateSync, unlinkSync} from 'node:fs';
import {join} from 'node:path';
import {VERSION} from '../../../shared/version.ts';
import type {Machine, Version} from './machine.ts';

/** Something that a person does, and how they may go on when it went wrong. */
export type Journey = {
  name: string;
  args: readonly string[];
  /** What was done before, on a machine where wslagent never was. */
  before(machine: Machine): Promise<void>;
  /** Each way ends with nothing of wslagent there. `again` is the same command once more, which must reach the goal. */
  ways: readonly (readonly ('again' | readonly string[])[])[];
};

const INSTALL = ['install', 'ssh', 'gpg', '--now'];
const UPDATE = ['install', '--now'];
const UNINSTALL = ['uninstall'];

const INSTALL_WAYS = [['again', UNINSTALL], [UNINSTALL]] as const;

export const JOURNEYS: readonly Journey[] = [
  {name: 'install', args: INSTALL, before: async () => {}, ways: INSTALL_WAYS},
  {name: 'upgrade', args: UPDATE, before: machine => succeed(machine, INSTALL, 'old'), ways: INSTALL_WAYS},
  {name: 'repair', args: UPDATE, before: damaged, ways: INSTALL_WAYS},
  {
    name: 'uninstall',
    args: UNINSTALL,
    before: machine => succeed(machine, INSTALL),
    ways: [['again'], [INSTALL, UNINSTALL]],
  },
  {
    // nothing is unmasked, which would tell the manager to read its files anew
    name: 'uninstall without gpg',
    args: UNINSTALL,
    before: machine => succeed(machine, ['install', 'ssh', '--now']),
    ways: [['again']],
  },
  {
    name: 'uninstall of one endpoint',
    args: ['uninstall', 'gpg'],
    before: machine => succeed(machine, INSTALL),
    ways: [['again', UNINSTALL], [UNINSTALL]],
  },
];

/** An installation of which a unit and the launcher are gone, the exe is cut short, and a unit of gpg's is unmasked. */
async function damaged(machine: Machine): Promise<void> {
  await succeed(machine, INSTALL);
  const units = join(machine.home, '.config/systemd/user');
  unlinkSync(join(units, 'wslagent-ssh.socket'));
  unlinkSync(join(machine.home, '.local/bin/wslagent'));
  truncateSync(join(machine.windows, 'wslagent', VERSION, 'wslagent-helper.exe'), 100);
  rmSync(join(units, 'gpg-agent.socket'));
}

async function succeed(machine: Machine, args: readonly string[], version?: Version): Promise<void> {
  const {exitCode, stderr} = await machine.run(args, version === undefined ? {} : {version});
  if (exitCode !== 0) throw new Error(`wslagent ${args.join(' ')}: ${stderr}`);
}
