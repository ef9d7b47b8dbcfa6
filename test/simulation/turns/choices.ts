/**
 * Every decision of a schedule, in order: who goes next, and what befalls them. A run notes each, so that it can be
 * repeated and made simpler; 0 is always the simplest answer: go on as before, and nothing goes wrong.
 */
export class Choices {
  readonly made: number[] = [];
  readonly #recorded: readonly number[] | undefined;

  /** @param recorded - answers of an earlier run; past their end everything is 0 */
  constructor(recorded?: readonly number[]) {
    this.#recorded = recorded;
  }

  /** From 0 to `bound` - 1: as recorded, else as `decide` says. */
  choose(bound: number, decide: () => number): number {
    const choice = this.#recorded ? (this.#recorded[this.made.length] ?? 0) % bound : decide();
    this.made.push(choice);
    return choice;
  }
}
