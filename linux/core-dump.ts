import {writeFileSync} from 'node:fs';

/**
 * Keeps memory out of core dumps of this process, and of what it starts, which inherits this: the keys of `ssh-add` pass
 * through. Node can set no limit of its own, and where dumps go to a program, as in WSL, the kernel heeds none but 1.
 * What a dump still has are registers and the command line (core(5), coredump_filter).
 */
export function keepMemoryOutOfCoreDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // a kernel that writes no dumps has no such file
  }
}
