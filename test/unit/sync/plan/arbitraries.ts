import fc from 'fast-check';
import { PLAN_KINDS, type PlanEntry } from '../../../../shared/sync/plan/entry.ts';

const anAction = fc.record(
  {
    kind: fc.constantFrom(...PLAN_KINDS),
    fields: fc.array(fc.constantFrom('title', 'email', 'lastName'), { maxLength: 3 }),
    code: fc.constant('TOO_LONG'),
  },
  { requiredKeys: ['kind'] },
);

const anEntry: fc.Arbitrary<PlanEntry> = fc.record(
  {
    by: fc.constantFrom('key', 'id'),
    key: fc.string({ minLength: 1, maxLength: 8 }),
    localKey: fc.string({ minLength: 1, maxLength: 8 }),
    actions: fc.array(anAction, { minLength: 1, maxLength: 4 }),
    digest: fc.string({ minLength: 1, maxLength: 8 }),
  },
  { requiredKeys: ['by', 'key', 'actions', 'digest'] },
);

export const someEntries = fc.array(anEntry, { maxLength: 20 });
