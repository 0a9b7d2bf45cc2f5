/** So long after a client was given to it may a helper be silent before it is asked whether it lives, in milliseconds. */
const FIRST_MS = 500;

/** How long a helper that serves may be silent before it is asked, in milliseconds. */
const REGULAR_MS = 4000;

/** Patience is counted in turns of our own event loop: when that is held up, so is everything. In milliseconds. */
const TURN_MS = 500;

/** After so many turns without an answer it is in doubt: 2.5 s, more than the loop of a busy machine is ever late. */
const DOUBT_TURNS = 5;

/** After so many, 7 s, nothing is expected of it any more. */
const LOST_TURNS = 14;

/** A turn that comes later than this shows that we ourselves were held up, or the machine slept, in milliseconds. */
const LATE_MS = 1000;

export type PulseEvents = {
  /** It is to be asked for a sign of life. */
  ask(): void;
  /** It owes one for so long that clients had better not wait for it. Told once. */
  doubted(): void;
  /** It owes one for so long that it is of no use to anybody. Nothing follows. */
  lost(): void;
  /** It has said something after `check`. */
  proven(): void;
};

/**
 * Whether a helper lives: any byte of it is a sign of that, and it is asked for one when there are none. It is asked
 * soon when a client was given to it, and now and then while it serves; while it serves nobody it is left in peace, and
 * no timer runs.
 */
export class Pulse {
  readonly #events: PulseEvents;
  #timer: NodeJS.Timeout | undefined;
  #armed = 0;
  #serves = false;
  /** The timer is for a client that was just given to it. */
  #soon = false;
  /** When something last came from it, and when it was last given a client, by performance.now(). */
  #heard = Number.NEGATIVE_INFINITY;
  #given = Number.NEGATIVE_INFINITY;
  /** It owes an answer. */
  #asked = false;
  #turns = 0;
  #doubted = false;
  #checked = false;
  #over = false;

  constructor(events: PulseEvents) {
    this.#events = events;
  }

  /** Owes a sign of life since `check`. */
  get unproven(): boolean {
    return this.#checked;
  }

  /** In doubt, and has said nothing since. */
  get silent(): boolean {
    return this.#doubted;
  }

  /** Something came from it. */
  heard(): void {
    this.#heard = performance.now();
    if (this.#asked) this.#answered();
  }

  /** A client was given to it. */
  serves(): void {
    this.#serves = true;
    this.#given = performance.now();
    // not put off by those who come later
    if (this.#asked || this.#soon || this.#over) return;
    this.#soon = true;
    this.#arm(FIRST_MS);
  }

  /** Its last client has left. What it owes is still waited for. */
  rests(): void {
    this.#serves = false;
    if (!this.#asked && this.#heard >= this.#given) this.#disarm();
  }

  /** Asks at once: another helper has fallen silent, and what did that may have hit this one too. */
  check(): void {
    this.#checked = true;
    if (!this.#asked && !this.#over) this.#ask();
  }

  stop(): void {
    this.#over = true;
    this.#asked = false;
    this.#disarm();
  }

  #answered(): void {
    const checked = this.#checked;
    this.#asked = false;
    this.#doubted = false;
    this.#checked = false;
    this.#listen(0);
    if (checked) this.#events.proven();
  }

  /** Lets it be, after so many milliseconds of silence, until those are too many. */
  #listen(silence: number): void {
    this.#disarm();
    if (this.#serves) this.#arm(REGULAR_MS - silence);
  }

  #ask(): void {
    this.#soon = false;
    this.#asked = true;
    this.#turns = 0;
    this.#arm(TURN_MS);
    this.#events.ask();
  }

  #fired(): void {
    if (this.#asked) {
      const late = performance.now() - this.#armed > LATE_MS;
      // the immediate comes after the pipe was looked into, however late the timer is
      setImmediate(() => this.#turn(late));
      return;
    }
    const silence = performance.now() - this.#heard;
    if (this.#heard < this.#given || silence >= REGULAR_MS) this.#ask();
    else this.#listen(silence);
  }

  #turn(late: boolean): void {
    if (!this.#asked || this.#over) return;
    this.#turns = late ? 0 : this.#turns + 1;
    this.#arm(TURN_MS);
    if (this.#turns === DOUBT_TURNS && !this.#doubted) {
      this.#doubted = true;
      this.#events.doubted();
    } else if (this.#turns === LOST_TURNS) {
      this.stop();
      this.#events.lost();
    }
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#armed = performance.now();
    this.#timer = setTimeout(() => this.#fired(), ms);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#soon = false;
  }
}
