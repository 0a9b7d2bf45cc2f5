/** To the start of the line, and nothing left on it. */
const CLEAR = '\r\x1b[2K';

type Terminal = {isTTY?: boolean; columns?: number; write(text: string): unknown};

/** One line on a terminal that says what is being done now, and is gone when all is done. Scripts hear nothing of it. */
export class StatusLine {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal = process.stderr) {
    this.#terminal = terminal;
  }

  say(what: string): void {
    if (this.#terminal.isTTY !== true) return;
    // a line that wraps could not be taken back; a terminal without a size says 0
    this.#terminal.write(`${CLEAR}${`${what} …`.slice(0, (this.#terminal.columns || 80) - 1)}`);
  }

  clear(): void {
    if (this.#terminal.isTTY === true) this.#terminal.write(CLEAR);
  }
}
