import {execa} from 'execa';
import {oneLine} from '../../shared/text.ts';

const LINES = 3;

/** The last warnings and errors of our units in the journal, of the last hour; none where there is no journal. */
export async function lastErrors(): Promise<string[]> {
  const selection = ['--user-unit=wslagent*', '--priority=warning', '--since=-1h', `--lines=${LINES}`];
  const {stdout, failed} = await execa(
    'journalctl',
    ['--quiet', '--no-pager', '--output=cat', ...selection],
    {
      reject: false,
      stdin: 'ignore',
      timeout: 5000,
      maxBuffer: 256 * 1024,
      env: {LC_ALL: 'C'},
    },
  );
  if (failed) return [];
  return stdout
    .split('\n')
    .map(line => oneLine(line, 1000))
    .filter(line => line !== '');
}
