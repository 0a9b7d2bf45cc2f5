import type {TurnFlag, TurnLock} from '../../windows/native/turn-lock.ts';

/** The lock of one pipe as Windows would share it among helpers, inside one process. */
export class TestLocks {
  readonly #open = new Set<TurnLock>();
  readonly #flags = new Map<TurnLock, Set<TurnFlag>>();
  #owner: TurnLock | undefined;
  #abandoned = false;

  readonly open = (): TurnLock => {
    const flags = new Set<TurnFlag>();
    const lock: TurnLock = {
      take: () => {
        if (this.#owner !== undefined) return 'taken';
        this.#owner = lock;
        const left = this.#abandoned;
        this.#abandoned = false;
        return left ? 'left' : 'mine';
      },
      give: () => {
        if (this.#owner !== lock) throw new Error('it was not its turn');
        this.#owner = undefined;
      },
      raise: flag => void flags.add(flag),
      lower: flag => void flags.delete(flag),
      raised: flag => [...this.#flags.values()].some(set => set.has(flag)),
      holder: () => 'someone.exe (process 7)',
      close: () => {
        if (this.#owner === lock) throw new Error('its turn was not given back');
        this.#forget(lock);
      },
    };
    this.#open.add(lock);
    this.#flags.set(lock, flags);
    return lock;
  };

  /** The helper that has this lock dies. */
  kill(lock: TurnLock): void {
    this.#abandoned = this.#owner === lock;
    if (this.#abandoned) this.#owner = undefined;
    this.#forget(lock);
  }

  /** The locks that nobody has closed. */
  left(): TurnLock[] {
    return [...this.#open];
  }

  #forget(lock: TurnLock): void {
    this.#open.delete(lock);
    this.#flags.delete(lock);
  }
}
