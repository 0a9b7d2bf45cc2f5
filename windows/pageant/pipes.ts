import {asFailure, type Failure, FailureError} from '../../shared/failure.ts';
import type {AgentConnection, ConnectOptions} from '../targets/connection.ts';
import {connectPipe} from '../targets/pipe.ts';
import {showPipe} from '../targets/pipe-name.ts';
import {pipeOfConfig, startAgain, usualConfigFile} from './config-file.ts';
import {allUsers, listedPipes, pipeNameOf, thisUser} from './names.ts';

/** How often a file that somebody has named is read, when it is empty or locked. */
const ATTEMPTS = 3;

/** Connects to the pipe that a file of `pageant --openssh-config` names. Throws FailureError. */
export async function connectConfig(
  file: string,
  anyOwner: boolean,
  options: ConnectOptions,
): Promise<AgentConnection> {
  const pipe = await pipeOfConfig(file, ATTEMPTS, options.signal);
  try {
    return await connectPipe(place(pipe, anyOwner), options);
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.reason !== 'absent') throw error;
    throw new FailureError({
      reason: 'absent',
      message: `${file} names pipe ${showPipe(pipe)}, which does not exist: the Pageant that wrote it has ended`,
      hint: startAgain(file),
    });
  }
}

/**
 * Connects to Pageant's pipe, wherever its name can be had from: computed as PuTTY does, from the file that its manual
 * names, from the list of pipes. Throws FailureError; `absent` when none of them is there.
 */
export async function connectPipes(anyOwner: boolean, options: ConnectOptions): Promise<AgentConnection> {
  const tried = new Map<string, Failure>();
  for (const source of [computed, computedAll, configured, listedPipes])
    for (const pipe of await source(options.signal)) {
      if (tried.has(pipe)) continue;
      try {
        return await connectPipe(place(pipe, anyOwner), options);
      } catch (error) {
        if (options.signal.aborted) throw error;
        tried.set(pipe, asFailure(error));
      }
    }
  throw new FailureError(none(tried));
}

type Source = (signal: AbortSignal) => Promise<string[]>;

/** Right for nearly everybody, and without a word to any domain. */
const computed: Source = async () => thisUser().map(pipeNameOf);

const computedAll: Source = async () => (await allUsers()).map(pipeNameOf);

/** A file that is not there, or wrong, is no failure: nobody has named it. */
const configured: Source = async signal => {
  const file = usualConfigFile(process.env);
  if (file === undefined) return [];
  return await pipeOfConfig(file, 1, signal).then(
    pipe => [pipe],
    () => [],
  );
};

function none(tried: ReadonlyMap<string, Failure>): Failure {
  const telling = [...tried.values()].find(({reason}) => reason !== 'absent');
  return (
    telling ?? {
      reason: 'absent',
      message: `Pageant has no pipe: tried ${[...tried.keys()].map(showPipe).join(', ')}`,
      hint: 'start Pageant 0.75 or newer on windows; others have a window only: target pageant:window',
    }
  );
}

function place(path: string, anyOwner: boolean): {path: string; anyOwner?: true} {
  return anyOwner ? {path, anyOwner} : {path};
}
