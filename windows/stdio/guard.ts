import fs from 'node:fs';
import {Writable} from 'node:stream';

/**
 * Replaces process.stdout and process.stderr. Their getters throw EBADF on handles that are not Windows' own (Unix
 * pipes under Wine), and Node calls them where nobody expects it: every net.Socket that is destroyed compares
 * itself with process.stderr, and with a throwing getter its handle stays open for ever. Must run first.
 */
export function guardStdio(): void {
  for (const [name, fd] of [
    ['stdout', 1],
    ['stderr', 2],
  ] as const) {
    let stream: Writable | undefined;
    Object.defineProperty(process, name, {
      configurable: true,
      get: () => {
        stream ??= new Writable({write: (chunk, _encoding, done) => put(fd, chunk, done)});
        return stream;
      },
    });
  }
}

function put(fd: number, chunk: Uint8Array, done: () => void): void {
  try {
    fs.writeSync(fd, chunk);
  } catch {}
  done();
}
