import type { PlantedBug } from './bundle.ts';

const APPLY = 'shared/use-cases/reconciliation/records/apply.ts';
const PUSH = 'shared/use-cases/reconciliation/records/push.ts';
const SETTLE = 'shared/use-cases/reconciliation/records/settle.ts';
const SWEEP = 'shared/use-cases/reconciliation/sweep.ts';
const SNAPSHOT = 'shared/sync/reconcile/snapshot.ts';
const CORE_SETTLE = 'shared/sync/reconcile/settle.ts';
const STORE = 'test/in-memory/sync-store.ts';

const AGE = {
  file: SNAPSHOT,
  find: "  return isFresh ? 'use' : 'reread';\n};",
  replace: "  return 'use';\n};",
};
const STAMP = {
  file: SNAPSHOT,
  find: "if (link.sfModstamp !== undefined && isAfter(link.sfModstamp, remote.systemModstamp)) return 'stale';",
  replace: '',
};

/** One edit of one file. */
const bug = (
  name: string,
  profile: string | undefined,
  file: string,
  find: string,
  replace: string,
): PlantedBug => ({
  name,
  ...(profile !== undefined && { profile }),
  edits: [{ file, find, replace }],
});

/**
 * Bugs that the simulation has to find, each by itself. Those of the store stand in the one in memory; its contract
 * suite finds the same ones in the adapter.
 *
 * A stale stamp that is ignored alone does no harm in any schedule: an old row is then read again before anything is
 * done with it, for one more call.
 */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  bug(
    'lease ignored',
    'one hot field',
    APPLY,
    'if (!lease || lease.until <= now || lease.owner === owner) return true;',
    'return true;',
  ),
  bug(
    'lease never written',
    'one hot field',
    PUSH,
    'until: pass.ports.clock.nowMs() + LINK_LEASE_MS',
    'until: 0',
  ),
  bug('overlap dropped', 'late commits', 'shared/sync/watermark/watermark.ts', ' - SWEEP_OVERLAP_MS', ''),
  bug(
    'pending forgotten',
    'a bad day',
    'shared/sync/reconcile/merge.ts',
    'pending: link.pending ?? {}',
    'pending: {}',
  ),
  bug(
    'base moved at announcement',
    undefined,
    CORE_SETTLE,
    'linked(pair, plan.baseBeforeRemote, plan.adjusted)',
    'linked(pair, plan.nextBase, plan.adjusted)',
  ),
  { name: 'snapshot age ignored', profile: 'one hot field', edits: [AGE] },
  { name: 'snapshot age and stale stamp ignored', profile: 'a load beside edits', edits: [AGE, STAMP] },
  bug(
    'create not idempotent',
    'a bad day',
    PUSH,
    'externalId: link.localKey,',
    "externalId: link.version > 1 ? link.localKey + '~' : link.localKey,",
  ),
  bug(
    'hints acknowledged on failure',
    'a bad day',
    'functions/sync-worker/make-handler.ts',
    'throw new ComesBack();',
    'return;',
  ),
  bug(
    'held keys acknowledged',
    undefined,
    'shared/use-cases/reconciliation/handle-hint.ts',
    "if (heldMs > 0) return { kind: 'again', afterMs: Math.min(heldMs, HELD_POLL_MS), reason: 'LEASE_HELD' };",
    '',
  ),
  bug(
    'link version not checked',
    'one hot field',
    STORE,
    "if ((this.storedLinks.get(linkKey)?.version ?? 0) !== expectedVersion) return 'lost-race';",
    '',
  ),
  bug(
    'item not checked',
    'one hot field',
    STORE,
    "if (item && !mayWrite(mapping, item, before)) return 'lost-race';",
    '',
  ),
  bug(
    'tenant not checked',
    'two tenants',
    STORE,
    ': item[mapping.tenantField] === mapping.tenantId;',
    ': true;',
  ),
  bug(
    'base from the read-back',
    undefined,
    CORE_SETTLE,
    'base: { ...link.base, ...written },',
    'base: { ...link.base, ...(after ? after.values : written) },',
  ),
  bug(
    'base from the whole item',
    undefined,
    SETTLE,
    'settleWritten(pass.open.mapping, link, one.link.pending ?? {}, written)',
    "settleWritten(pass.open.mapping, link, one.planned.subject.local === 'missing' ? {} : one.planned.subject.local.values, written)",
  ),
  bug(
    'watermark before the pass ends',
    'small pages and deaths',
    SWEEP,
    '  let counts = NO_COUNTS;\n  for (;;) {',
    '  await ports.mappingStates.finishPass(open.mapping.mappingId, startedAt, nowIso(ports.clock));\n  let counts = NO_COUNTS;\n  for (;;) {',
  ),
  bug(
    'lost races dropped',
    'one hot item',
    'shared/use-cases/reconciliation/reconcile-records.ts',
    'todo = { localKeys: applied.lostRaces, remotes: deferred };',
    'todo = { localKeys: [], remotes: deferred };',
  ),
  bug(
    'locked rows not parked',
    'locked rows',
    SETTLE,
    'if (passing.length > 0) {',
    'if (passing.length > 1000) {',
  ),
  {
    ...bug(
      "a sweep's held keys not parked",
      "a push's hold and a lost hint",
      SWEEP,
      'await parkHeld(ports, open.mapping.mappingId, reconciled.held);',
      '',
    ),
  },
  bug(
    'whole record written',
    undefined,
    PUSH,
    "announced.map(({ link }) => ({\n      sfId: must(link.sfId, 'an update has an id'),\n      values: encodeRemote(open.mapping, link.pending ?? {}),",
    "announced.map(({ link, planned }) => ({\n      sfId: must(link.sfId, 'an update has an id'),\n      values: encodeRemote(open.mapping, planned.subject.local === 'missing' ? {} : planned.subject.local.values),",
  ),
  bug(
    'tombstones off',
    'deletions',
    'shared/sync/reconcile/existence.ts',
    "if (link === undefined || link.state === 'creating') {",
    "if (link === undefined || link.state !== 'linked') {",
  ),
];
