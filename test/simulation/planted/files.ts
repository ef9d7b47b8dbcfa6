/* Files in which bugs are planted, from the project's root. */

export const RECORDS = 'shared/use-cases/reconciliation/records';
export const GATHER = `${RECORDS}/gather.ts`;
export const PUSH = `${RECORDS}/push.ts`;
export const SETTLE = `${RECORDS}/settle.ts`;
export const RECONCILE = 'shared/use-cases/reconciliation/reconcile-records.ts';
export const SWEEP = 'shared/use-cases/reconciliation/sweep.ts';
export const SNAPSHOT = 'shared/sync/reconcile/snapshot.ts';
export const CORE_SETTLE = 'shared/sync/reconcile/settle.ts';
export const EXISTENCE = 'shared/sync/reconcile/existence.ts';
export const DELETE_REMOTE = `${RECORDS}/delete-remote.ts`;
export const AS_OF_REVISION = 'shared/sync/reconcile/as-of-revision.ts';
export const HELD = `${RECORDS}/held.ts`;
export const CORE_HELD = 'shared/sync/reconcile/held.ts';
export const CONFLICTS = `${RECORDS}/conflicts.ts`;
export const AUTHORIZATION = 'shared/use-cases/connections/complete-authorization.ts';
export const TENANT_CONNECTIONS = 'shared/use-cases/local-changes/tenant-connections.ts';
export const STORE = 'test/in-memory/sync-store.ts';
export const STATES = 'test/in-memory/mapping-states.ts';
export const CHANGES = 'shared/sync/history/changes.ts';
export const FULL_SWEEP = 'shared/use-cases/reconciliation/full-sweep';
export const PLAN = 'shared/use-cases/reconciliation/plan';
export const REHEARSAL = 'shared/use-cases/rehearsal';
export const COMPARE_RECORDS = `${FULL_SWEEP}/compare-records.ts`;
