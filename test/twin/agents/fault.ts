/** A failure a person can act on: one sentence, and the next command to type. */
export class AgentsFault extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = 'AgentsFault';
    this.hint = hint;
  }
}
