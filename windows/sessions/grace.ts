/**
 * How long a connection to an agent that serves one client stays open after an answer, in milliseconds, so that the
 * requests of one login share it; and how often we look whether somebody else waits. Of a login's requests the list
 * follows the session-bind at once, and the signature follows the list after 9 to 43 ms and one way to the server and
 * back (seven logins to an sshd on the same machine).
 */
const GRACE_MS = 300;
const LOOK_MS = 20;

/** The time between a client's requests in which its turn may pass to somebody else. */
export class Grace {
  #timer: NodeJS.Timeout | undefined;

  /** Calls `over` when somebody waits, at once if somebody does, else when the time is up. */
  begin(wanted: () => boolean, over: () => void): void {
    this.stop();
    if (wanted()) {
      over();
      return;
    }
    const end = performance.now() + GRACE_MS;
    this.#timer = setInterval(() => {
      if (performance.now() < end && !wanted()) return;
      this.stop();
      over();
    }, LOOK_MS);
  }

  /** The client asks again, or is gone. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
