import path from 'node:path';
import {FailureError} from '../../shared/failure.ts';
import {processLevel, processUser, programOf} from '../native/process.ts';
import {distrust} from '../native/trust.ts';
import {findWindow, type Window, windowProcess} from '../native/user32.ts';
import type {AgentConnection, ConnectOptions} from '../targets/connection.ts';
import {WindowStream} from './window-stream.ts';

/** Class and title of the hidden window that Pageant and everything that stands in for it have. */
const PAGEANT = 'Pageant';

/** Pageant's window and the process that has it; undefined when nobody has it. Throws FailureError. */
export function findPageant(): {window: Window; pid: number} | undefined {
  const window = findWindow(PAGEANT, PAGEANT);
  const pid = window === 0 ? undefined : windowProcess(window);
  return pid === undefined ? undefined : {window, pid};
}

/**
 * Reaches the agent behind Pageant's window, which is looked for anew each time. Every request is a call of its own that
 * knows nothing of those before. Rejects with FailureError; `absent` when there is no such window.
 */
export async function connectWindow({protocol}: ConnectOptions, anyOwner: boolean): Promise<AgentConnection> {
  if (protocol !== 'ssh-agent')
    throw new FailureError({
      reason: 'badTarget',
      message: `Pageant's window takes whole ssh-agent requests and has no stream for the ${protocol} protocol`,
      hint: 'give the endpoint protocol = "ssh-agent"',
    });
  const found = process.platform === 'win32' ? findPageant() : undefined;
  if (found === undefined)
    throw new FailureError({
      reason: 'absent',
      message: "no program has Pageant's window",
      hint: 'start Pageant on windows, or switch on what stands in for it: KeeAgent in Pageant mode, gpg-agent with enable-putty-support',
    });
  const {window, pid} = found;
  const program = path.win32.basename(programOf(pid) ?? `process ${pid}`);
  const owner = processUser(pid);
  const why = anyOwner ? undefined : distrust({owner, level: processLevel(pid)});
  if (why !== undefined)
    throw new FailureError({
      reason: 'untrusted',
      message: `the Pageant window of ${program} ${await why()}`,
      hint: `start ${program} as yourself, without "run as administrator"`,
    });
  const stream = new WindowStream(window, program);
  return {
    stream,
    detail: `the Pageant window of ${program}`,
    halfCloses: false,
    oneRequest: true,
    server: {pid, owner},
  };
}
