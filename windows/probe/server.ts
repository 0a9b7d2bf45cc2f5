import type {ProcessReport} from '../../shared/probe.ts';
import {accountName} from '../native/account-name.ts';
import {programOf} from '../native/process.ts';
import {fileNameOf} from './process-name.ts';
import {productOf} from './product.ts';

/** A process, and the SID of the owner of the pipe that it serves. */
type Server = {pid: number; owner: Uint8Array | undefined};

/** Names a process and whose the pipe is that it serves. Undefined when Windows does not tell which process. */
export async function describeServer({pid, owner}: Server): Promise<ProcessReport | undefined> {
  if (pid === 0) return undefined;
  const program = programOf(pid);
  const file = program ?? fileNameOf(pid);
  return {
    pid,
    program: program ?? null,
    product: file === undefined ? null : productOf(file),
    owner: owner === undefined ? null : await accountName(owner),
  };
}
