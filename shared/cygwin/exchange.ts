/** What to do after bytes came: each field only where there is something to do. */
export type ExchangeStep = {
  /** Send this. */
  send?: Uint8Array;
  /** The exchange is over; these bytes came behind it and belong to the agent's protocol. */
  rest?: Uint8Array;
  /** Another secret came back: this is not who wrote the file. */
  wrong?: true;
};

/**
 * The client's side of the handshake of Cygwin's sockets (fhandler/socket_local.cc, af_local_connect): the secret
 * out, the secret back, the credentials out, as many bytes back. Counts exactly, however the bytes are cut.
 */
export class SecretExchange {
  /** What goes out first. */
  readonly secret: Uint8Array;
  readonly #credentials: Uint8Array;
  #received = 0;

  constructor(secret: Uint8Array, credentials: Uint8Array) {
    this.secret = secret;
    this.#credentials = credentials;
  }

  /** What has not come yet. */
  get awaits(): 'secret' | 'credentials' | 'nothing' {
    if (this.#received < this.secret.length) return 'secret';
    return this.#received < this.secret.length + this.#credentials.length ? 'credentials' : 'nothing';
  }

  /** Takes what came, until a step says `rest` or `wrong`. The other side's credentials may say anything. */
  push(chunk: Uint8Array): ExchangeStep {
    const before = this.#received;
    for (const [index, byte] of chunk.subarray(0, Math.max(0, this.secret.length - before)).entries())
      if (byte !== this.secret[before + index]) return {wrong: true};
    this.#received += chunk.length;
    const step: ExchangeStep = {};
    if (before < this.secret.length && this.awaits !== 'secret') step.send = this.#credentials;
    const behind = this.#received - this.secret.length - this.#credentials.length;
    if (behind >= 0) step.rest = chunk.subarray(chunk.length - behind);
    return step;
  }
}
