/** The relay's side of one exe, without a relay: channels whose targets a test chooses one by one. */
import {spawn} from 'node:child_process';
import type {ExecutionContext} from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import {TestRelay} from '../../windows/harness.ts';
import {poll} from '../poll.ts';
import type {Twin} from '../twin.ts';
import {CEILING} from './chain.ts';

/** Starts the built exe, which is killed when the test is over. */
export function exeRelay(t: ExecutionContext, twin: Twin): TestRelay {
  const child = spawn(builtExe(), ['serve'], {env: twin.env, stdio: 'pipe'});
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => {});
  return new TestRelay(child);
}

/** Ends the exe's stdin and gives its exit code; throws when it stays. */
export async function leaving({child}: TestRelay): Promise<number | null> {
  child.stdin.end();
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  await poll('the exe to leave once its stdin has ended', CEILING, ended);
  return child.exitCode;
}
