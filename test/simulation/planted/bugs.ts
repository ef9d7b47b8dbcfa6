import type { PlantedBug } from './bundle.ts';

const APPLY = 'shared/use-cases/reconciliation/records/apply.ts';
const PUSH = 'shared/use-cases/reconciliation/records/push.ts';
const SETTLE = 'shared/use-cases/reconciliation/records/settle.ts';
const SWEEP = 'shared/use-cases/reconciliation/sweep.ts';
const SNAPSHOT = 'shared/sync/reconcile/snapshot.ts';
const CORE_SETTLE = 'shared/sync/reconcile/settle.ts';
const STORE = 'test/in-memory/sync-store.ts';

const AGE = { file: SNAPSHOT, find: "  return isFresh ? 'use' : 'reread';\n};", replace: "  return 'use';\n};" };
const STAMP = {
  file: SNAPSHOT,
  find: "if (link.sfModstamp !== undefined && isAfter(link.sfModstamp, remote.systemModstamp)) return 'stale';",
  replace: '',
};

/** One edit of one file. */
const bug = (name: string, file: string, find: string, replace: string): PlantedBug => ({
  name,
  edits: [{ file, find, replace }],
});

/**
 * Bugs that the simulation has to find, each by itself. Those of the store stand in the one in memory; its contract
 * suite finds the same ones in the adapter.
 */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  bug('lease ignored', APPLY, 'if (!lease || lease.until <= now || lease.owner === owner) return true;', 'return true;'),
  bug('lease never written', PUSH, 'until: pass.ports.clock.nowMs() + LINK_LEASE_MS', 'until: 0'),
  bug('overlap dropped', 'shared/sync/watermark/watermark.ts', ' - SWEEP_OVERLAP_MS', ''),
  bug('pending forgotten', 'shared/sync/reconcile/merge.ts', 'pending: link.pending ?? {}', 'pending: {}'),
  bug(
    'base moved at announcement',
    CORE_SETTLE,
    'linked(pair, plan.baseBeforeRemote, plan.adjusted)',
    'linked(pair, plan.nextBase, plan.adjusted)',
  ),
  { name: 'snapshot age ignored', edits: [AGE] },
  { name: 'stale stamp ignored', edits: [STAMP] },
  { name: 'snapshot age and stale stamp ignored', edits: [AGE, STAMP] },
  bug(
    'create not idempotent',
    PUSH,
    'externalId: link.localKey,',
    "externalId: link.version > 1 ? `${link.localKey}~` : link.localKey,",
  ),
  bug('hints acknowledged on failure', 'functions/sync-worker/make-handler.ts', 'throw new ComesBack();', 'return;'),
  bug(
    'held keys acknowledged',
    'shared/use-cases/reconciliation/handle-hint.ts',
    "if (heldMs > 0) return { kind: 'again', afterMs: Math.min(heldMs, HELD_POLL_MS), reason: 'LEASE_HELD' };",
    '',
  ),
  bug(
    'link version not checked',
    STORE,
    "if ((this.storedLinks.get(linkKey)?.version ?? 0) !== expectedVersion) return 'lost-race';",
    '',
  ),
  bug('item not checked', STORE, "if (item && !mayWrite(mapping, item, before)) return 'lost-race';", ''),
  bug('tenant not checked', STORE, ': item[mapping.tenantField] === mapping.tenantId;', ': true;'),
  bug(
    'base from the read-back',
    CORE_SETTLE,
    'base: { ...link.base, ...written },',
    'base: { ...link.base, ...(after ? after.values : written) },',
  ),
  bug(
    'base from the whole item',
    SETTLE,
    'settleWritten(pass.open.mapping, link, one.link.pending ?? {}, written)',
    "settleWritten(pass.open.mapping, link, one.planned.subject.local === 'missing' ? {} : one.planned.subject.local.values, written)",
  ),
  bug(
    'watermark before the pass ends',
    SWEEP,
    '  let counts = NO_COUNTS;\n  for (;;) {',
    '  await ports.mappingStates.finishPass(open.mapping.mappingId, startedAt, nowIso(ports.clock));\n  let counts = NO_COUNTS;\n  for (;;) {',
  ),
  bug(
    'lost races dropped',
    'shared/use-cases/reconciliation/reconcile-records.ts',
    'todo = { localKeys: applied.lostRaces, remotes: deferred };',
    'todo = { localKeys: [], remotes: deferred };',
  ),
  bug('locked rows not parked', SETTLE, 'if (passing.length > 0) {', 'if (passing.length > 1000) {'),
  bug(
    "a sweep's held keys not parked",
    SWEEP,
    'await parkHeld(ports, open.mapping.mappingId, reconciled.held);',
    '',
  ),
  bug(
    'whole record written',
    PUSH,
    "announced.map(({ link }) => ({\n      sfId: must(link.sfId, 'an update has an id'),\n      values: encodeRemote(open.mapping, link.pending ?? {}),",
    "announced.map(({ link, planned }) => ({\n      sfId: must(link.sfId, 'an update has an id'),\n      values: encodeRemote(open.mapping, planned.subject.local === 'missing' ? {} : planned.subject.local.values),",
  ),
  bug(
    'tombstones off',
    'shared/sync/reconcile/existence.ts',
    "if (link === undefined || link.state === 'creating') {",
    "if (link === undefined || link.state !== 'linked') {",
  ),
];
