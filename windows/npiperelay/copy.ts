import {exitCode} from '../../shared/exit-codes.ts';
import type {Reader} from '../stdio/reader.ts';
import type {AgentConnection} from '../targets/connection.ts';
import {isGone} from '../targets/gone.ts';
import type {Flag} from './flags.ts';
import {type Output, OWN_STDIO, type Stdio} from './stdio.ts';

/** How many bytes may wait in either direction before their source is paused. */
const WINDOW = 256 * 1024;

/**
 * Copies both ways until npiperelay would leave (docs/npiperelay.md has the table); resolves with the exit code when
 * everything is written.
 */
export function copyBothWays(
  connection: AgentConnection,
  flags: ReadonlySet<Flag>,
  stdio: Stdio = OWN_STDIO,
): Promise<number> {
  return new Promise(resolve => new Copying(connection, flags, stdio, resolve));
}

class Copying {
  readonly #connection: AgentConnection;
  readonly #flags: ReadonlySet<Flag>;
  readonly #stdio: Stdio;
  readonly #over: (code: number) => void;
  readonly #output: Output;
  readonly #input: Reader;
  /** Stdin has ended, and all of it is written. */
  #inputCopied = false;
  #inputEnded = false;
  #pipeEnded = false;
  #finished = false;
  #toPipe = 0;

  constructor(
    connection: AgentConnection,
    flags: ReadonlySet<Flag>,
    stdio: Stdio,
    over: (code: number) => void,
  ) {
    this.#connection = connection;
    this.#flags = flags;
    this.#stdio = stdio;
    this.#over = over;
    this.#output = stdio.output(error =>
      this.#fatal(`copy from pipe to stdout failed: write /dev/stdout: ${sentence(error)}`),
    );
    const {stream, early} = connection;
    stream.on('data', (chunk: Uint8Array) => this.#fromPipe(chunk));
    stream.on('end', () => this.#pipeEnd());
    stream.on('close', () => this.#pipeClosed());
    stream.on('error', (error: NodeJS.ErrnoException) => this.#pipeError(error));
    if (early !== undefined) this.#fromPipe(early);
    this.#input = stdio.input({
      data: chunk => this.#fromStdin(chunk),
      end: () => {
        this.#inputEnded = true;
        this.#checkInput();
      },
      failed: error => this.#fatal(`copy from stdin to pipe failed: read /dev/stdin: ${sentence(error)}`),
    });
    stream.resume();
  }

  #fromPipe(chunk: Uint8Array): void {
    const {stream} = this.#connection;
    this.#output.write(chunk, () => {
      if (stream.isPaused() && this.#output.pending <= WINDOW) stream.resume();
    });
    if (this.#output.pending > WINDOW) stream.pause();
  }

  #fromStdin(chunk: Uint8Array): void {
    this.#toPipe += chunk.length;
    if (this.#toPipe > WINDOW) this.#input.pause();
    this.#connection.stream.write(chunk, error => {
      this.#toPipe -= chunk.length;
      if (error) return;
      if (this.#toPipe <= WINDOW) this.#input.resume();
      this.#checkInput();
    });
  }

  /** -ei goes before -s, as in the original. What has arrived from the pipe is passed on, what has not is not awaited. */
  #checkInput(): void {
    if (!this.#inputEnded || this.#toPipe > 0 || this.#inputCopied || this.#finished) return;
    this.#inputCopied = true;
    this.#verbose('copy from stdin to pipe finished');
    if (this.#flags.has('ei') || this.#pipeEnded) this.#leave(exitCode('ok'));
    else this.#tellEnd();
  }

  #tellEnd(): void {
    const {stream, halfCloses, endIsMessage} = this.#connection;
    if (halfCloses && (!endIsMessage || this.#flags.has('s'))) stream.end();
    // Where there is no half-close this is what npiperelay does, and byte pipes pass over it. Never `end` there:
    // libuv closes a pipe 50 ms later (pipe.c, eof_timeout), and an answer may take longer.
    else if (this.#flags.has('s')) stream.write(Buffer.alloc(0));
  }

  /** What can be half-closed may go on reading what we send; else the pipe is closed both ways. */
  #pipeEnd(): void {
    if (this.#finished) return;
    if (!this.#connection.halfCloses) {
      this.#pipeClosed();
      return;
    }
    this.#pipeEnded = true;
    this.#verbose('copy from pipe to stdout finished');
    if (this.#flags.has('ep') || this.#inputCopied) this.#leave(exitCode('ok'));
    else void this.#output.flushed().then(() => this.#stdio.closeOutput());
  }

  #pipeClosed(): void {
    if (this.#finished) return;
    this.#verbose(this.#pipeEnded ? 'pipe closed' : 'copy from pipe to stdout finished: pipe closed');
    this.#leave(exitCode('ok'));
  }

  #pipeError(error: NodeJS.ErrnoException): void {
    const gone = isGone(error);
    if (error.syscall !== 'write') {
      if (gone) this.#pipeClosed();
      else if (this.#pipeEnded) this.#fatal(`pipe error: read: ${sentence(error)}`);
      else this.#fatal(`copy from pipe to stdout failed: read: ${sentence(error)}`);
    } else if (this.#inputCopied) {
      // Only the word that there is no more could not be said.
      this.#stdio.say(
        `sending 0-byte message to the pipe after EOF on stdin failed: write: ${sentence(error)}`,
      );
      this.#pipeClosed();
    } else {
      this.#fatal(`copy from stdin to pipe failed: write: ${sentence(error)}`);
    }
  }

  #verbose(line: string): void {
    if (this.#flags.has('v')) this.#stdio.say(line);
  }

  #fatal(line: string): void {
    if (this.#finished) return;
    this.#stdio.say(line);
    this.#leave(exitCode('failure'));
  }

  #leave(code: number): void {
    this.#finished = true;
    this.#connection.stream.destroy();
    void this.#output.flushed().then(() => this.#over(code));
  }
}

/** Windows' own words for an end that went away, which scripts may look for. */
function sentence(error: NodeJS.ErrnoException): string {
  return isGone(error) ? 'The pipe is being closed.' : error.message;
}
