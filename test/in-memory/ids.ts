import type { Ids } from '../../shared/use-cases/ports/runtime.ts';

/** Ids that a test can foretell: `id-1`, `id-2`, ... */
export const countingIds = (prefix = 'id'): Ids => {
  let count = 0;
  return {
    next() {
      count += 1;
      return `${prefix}-${count}`;
    },
  };
};
