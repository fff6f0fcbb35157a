/** What the local AWS has begun and not ended. */
export class UnderWay {
  readonly #begun = new Set<Promise<void>>();

  /** Ends when the work does. */
  async track(work: Promise<void>): Promise<void> {
    this.#begun.add(work);
    await work.finally(() => this.#begun.delete(work));
  }

  /** Ends when nothing is under way, also nothing that began in the meantime. */
  async idle(): Promise<void> {
    while (this.#begun.size > 0) await Promise.all(this.#begun);
  }
}
