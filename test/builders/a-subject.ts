import type { WritePlan } from '../../shared/sync/reconcile/plan.ts';
import type { Subject } from '../../shared/use-cases/reconciliation/records/subject.ts';
import { aLink, aLocalItem, aRemoteRecord, LOCAL_KEY } from './sync.ts';

/** Ann, linked and in step, with nothing that waits. */
export const aSubject = (change: Partial<Subject> = {}): Subject => ({
  localKey: LOCAL_KEY,
  link: aLink(),
  local: aLocalItem(),
  remote: aRemoteRecord(),
  isOldRow: false,
  asked: { key: LOCAL_KEY },
  localChangedAt: undefined,
  hasChangedSince: false,
  isLocalDeleted: false,
  madeWithout: [],
  parked: [],
  ...change,
});

/** Writes nothing to either side, unless told otherwise. */
export const aWrite = (change: Partial<WritePlan> = {}): WritePlan => ({
  kind: 'write',
  localWrites: {},
  remoteWrites: {},
  nextBase: {},
  baseBeforeRemote: {},
  adjusted: {},
  held: [],
  conflicts: [],
  ...change,
});
