import { assert } from '../assert.ts';

/** The list in pieces of at most `size`, in order; none for an empty list. */
export const chunk = <T>(list: readonly T[], size: number): T[][] => {
  assert(Number.isInteger(size) && size > 0, 'a chunk has at least one place');
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
};
