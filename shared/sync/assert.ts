/**
 * Something that must always hold did not: a mistake of ours, never of the data or of the network. It is not caught
 * anywhere; the function fails and the alarm calls a person. Messages never hold field values.
 */
export class InvariantError extends Error {
  readonly code = 'INVARIANT';

  constructor(message: string) {
    super(message);
    this.name = 'InvariantError';
  }
}

/**
 * States what must be true at this point.
 * @throws InvariantError when it is not
 */
export function assert(claim: boolean, message: string): asserts claim {
  if (!claim) throw new InvariantError(message);
}

/**
 * The value, which must be there.
 * @throws InvariantError when it is `undefined` or `null`
 */
export const must = <T>(value: T | undefined | null, message: string): T => {
  assert(value !== undefined && value !== null, message);
  return value;
};

/** Marks a branch that the types say cannot be taken; always throws. */
export const unreachable = (_value: never, message: string): never => {
  throw new InvariantError(message);
};
