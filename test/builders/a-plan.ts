import { randomUUID } from 'node:crypto';
import type { Plan } from '../../shared/use-cases/ports/plans.ts';

/** A plan that has just been asked for, of a mapping of its own. */
export const aPlan = (change: Partial<Plan> = {}): Omit<Plan, 'version'> => {
  const { version: _, ...rest } = change;
  return {
    mappingId: `${randomUUID()}.contact`,
    planId: 'one',
    phase: 'planning',
    whatIf: {},
    withValues: false,
    template: 'digest',
    startedAt: '2026-01-01T00:00:00.000Z',
    movedAt: '2026-01-01T00:00:00.000Z',
    place: { phase: 'records' },
    compared: {},
    pages: 0,
    pagesDigest: 'none',
    totals: { keys: 0, kinds: {} },
    samples: {},
    callsToApply: 0,
    calls: 0,
    ...rest,
  };
};
