/** Numbers that look random and follow from a seed alone. */
export interface Random {
  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number;
  /** True in this share of all cases. */
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/**
 * Mulberry32, seeded by text, so that each use has a stream of its own: the events of seed 7 stay what they are when
 * another choice is added to the scheduler.
 */
export const randomOf = (seed: number, purpose: string): Random => {
  let state = seed ^ hashText(purpose);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    below: (bound) => Math.floor(next() * bound),
    chance: (share) => next() < share,
    pick(list) {
      const found = list[Math.floor(next() * list.length)];
      if (found === undefined) throw new Error('there is nothing to pick from');
      return found;
    },
  };
};

/** FNV-1a, 32 bits. */
const hashText = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
};

/** A hash that grows with each text that is added to it; two runs that were the same end in the same one. */
export class RunningHash {
  #a = 0xdeadbeef;
  #b = 0x41c6ce57;

  add(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      this.#a = Math.imul(this.#a ^ code, 2_654_435_761);
      this.#b = Math.imul(this.#b ^ code, 1_597_334_677);
    }
  }

  get value(): string {
    const part = (number: number): string => (number >>> 0).toString(16).padStart(8, '0');
    return part(this.#a) + part(this.#b);
  }
}
