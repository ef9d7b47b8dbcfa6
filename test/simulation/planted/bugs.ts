import type { PlantedBug } from './bundle.ts';

const RECORDS = 'shared/use-cases/reconciliation/records';
const GATHER = `${RECORDS}/gather.ts`;
const PUSH = `${RECORDS}/push.ts`;
const SETTLE = `${RECORDS}/settle.ts`;
const RECONCILE = 'shared/use-cases/reconciliation/reconcile-records.ts';
const SWEEP = 'shared/use-cases/reconciliation/sweep.ts';
const SNAPSHOT = 'shared/sync/reconcile/snapshot.ts';
const CORE_SETTLE = 'shared/sync/reconcile/settle.ts';
const EXISTENCE = 'shared/sync/reconcile/existence.ts';
const AS_OF_REVISION = 'shared/sync/reconcile/as-of-revision.ts';
const STORE = 'test/in-memory/sync-store.ts';
const STATES = 'test/in-memory/mapping-states.ts';
const FULL_SWEEP = 'shared/use-cases/reconciliation/full-sweep';
const COMPARE_RECORDS = `${FULL_SWEEP}/compare-records.ts`;

const AGE = { file: SNAPSHOT, find: "    : 'reread';", replace: "    : 'use';" };
const STAMP = {
  file: SNAPSHOT,
  find: 'link.sfModstamp !== undefined && isAfter(link.sfModstamp, remote.systemModstamp)',
  replace: 'false',
};
/** One edit of one file. `profile`: the kind of schedule that finds it soonest. */
const bug = (
  name: string,
  profile: string | undefined,
  file: string,
  find: string,
  replace: string,
): PlantedBug => ({ name, ...(profile !== undefined && { profile }), edits: [{ file, find, replace }] });

/**
 * Bugs that the simulation has to find, each by itself. Those of the store stand in the one in memory; its contract
 * suite finds the same ones in the adapter.
 *
 * Not among them, because no schedule here shows it: a stale stamp that is ignored alone does no harm in any schedule: an old row is then read again before anything is
 * done with it, for one more call.
 */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  bug(
    'lease ignored',
    'one hot field',
    GATHER,
    'link?.lease !== undefined && link.lease.until > ports.clock.nowMs() && link.lease.owner !== owner;',
    'link?.lease !== undefined && link.lease.until > ports.clock.nowMs() * 2 && link.lease.owner !== owner;',
  ),
  bug(
    'lease never written',
    'one hot field',
    PUSH,
    'until: clock.nowMs() + linkLeaseMs',
    'until: 0 * linkLeaseMs',
  ),
  bug('overlap dropped', 'late commits', 'shared/sync/watermark/watermark.ts', ' - SWEEP_OVERLAP_MS', ''),
  bug(
    'pending forgotten',
    'a bad day',
    'shared/sync/reconcile/merge.ts',
    'const { base, pending = {}, adjusted = {}, adoptions, sfId, sfModstamp } = link;',
    'const { base, adjusted = {}, adoptions, sfId, sfModstamp } = link;\n  const pending = {};',
  ),
  bug(
    'base moved at announcement',
    undefined,
    CORE_SETTLE,
    'linked(before, plan.baseBeforeRemote, plan.adjusted, plan.adoptions)',
    'linked(before, plan.nextBase, plan.adjusted, plan.adoptions)',
  ),
  { name: 'snapshot age ignored', edits: [AGE] },
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
    'Records.filter((record) => !isDone.has(record))',
    'Records.filter((record) => !isDone.has(record) && false)',
  ),
  bug(
    'held keys acknowledged',
    undefined,
    'shared/use-cases/reconciliation/handle-hint.ts',
    '  if (heldMs > 0) {',
    '  if (heldMs > 1e12) {',
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
    '    const pieces = chunk(rows, RECORDS_AT_ONCE);',
    '    await ports.mappingStates.finishPass(underway.basis, { watermark: nextWatermark(open, underway.pass), followedUntil: underway.pass.startedAt }, nowIso(ports.clock));\n    const pieces = chunk(rows, RECORDS_AT_ONCE);',
  ),
  bug(
    'lost races dropped',
    'a push beside edits',
    RECONCILE,
    'localKeys: applied.lookAgain.map(({ sfId: _, ...key }) => key),',
    'localKeys: [],',
  ),
  bug(
    'locked rows not parked',
    'locked rows',
    SETTLE,
    'const waiting = refused.map(({ outcome, planned }): Waiting => {',
    'const waiting = refused.filter(({ outcome }) => outcome.retryAfterMs === undefined).map(({ outcome, planned }): Waiting => {',
  ),
  bug(
    "a sweep's held keys not parked",
    "a push's hold and a lost hint",
    SWEEP,
    'await parkHeld(ports, open, reconciled.held);',
    '',
  ),
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
    EXISTENCE,
    "if (link === undefined || link.state === 'creating') {",
    "if (link === undefined || link.state !== 'linked') {",
  ),
  // The schedules that were proven in an earlier engine, each put back.
  bug(
    'a base of another field taken for this one (1)',
    'a field that moves',
    AS_OF_REVISION,
    'if (link.revision >= mapping.fieldsRevision) return link;',
    'if (link.revision >= 0) return link;',
  ),
  bug(
    'old code decides about links of new code (6)',
    'two versions, one hot record',
    AS_OF_REVISION,
    'link.revision > mapping.fieldsRevision;',
    'link.revision > mapping.fieldsRevision * 1e6;',
  ),
  bug(
    'old code ends the pass of new code (6)',
    'a deployment during a sweep',
    STATES,
    '  state.revision?.revision === basis.revision?.revision &&\n  state.epoch === basis.epoch &&\n  state.watermark === basis.watermark &&',
    '',
  ),
  bug(
    'a change that meets an unusable item dropped (4)',
    'refusals',
    GATHER,
    'if (fields) waiting.push(waitingOf({ localKey, asked, parked }, { rejection: invalidItem(fields) }));',
    'if (fields) unchanged += 1;',
  ),
  bug(
    'linked records outside of the filter not followed (5)',
    'a filter',
    SWEEP,
    'remotes: remotes.filter((remote) => isLinked(remote) || remote.isDeleted),',
    'remotes: [],',
  ),
  bug(
    'a hidden record taken for a deletion',
    'hidden records',
    EXISTENCE,
    "return remote === 'missing' ? { kind: 'remote-deleted' } : nothing(NOTHING.recordUnseen);",
    "return { kind: 'remote-deleted' };",
  ),
  bug(
    'a full sweep skips buckets of links',
    'everything lost, and a full sweep',
    `${FULL_SWEEP}/compare-links.ts`,
    "{ phase: 'links', bucket: bucket + 1 }",
    "{ phase: 'links', bucket: bucket + 3 }",
  ),
  bug(
    'what a full sweep finds is not hinted',
    'everything lost, and a full sweep',
    `${FULL_SWEEP}/compare.ts`,
    'if (asked.length > 0) await hints.send(asked);',
    '',
  ),
  bug(
    'a full sweep takes a hidden record for a deleted one',
    'everything lost, and a full sweep',
    COMPARE_RECORDS,
    ": 'record-not-given'",
    ": 'missed-deletion'",
  ),
  bug(
    'a full sweep goes on behind the page and not behind what it compared',
    'everything lost, and a full sweep',
    COMPARE_RECORDS,
    'this.#rows = this.#rows.filter((row) => row.sfId > sfId);',
    'this.#rows = [];',
  ),
  bug(
    'a full sweep takes an equal stamp for an equal record',
    'everything lost, and a full sweep',
    'shared/sync/full-sweep/judge.ts',
    "if (verdict === 'in-step' || verdict === 'stale') return 'in-step';",
    "if (verdict === 'in-step' || !isAfter(record.systemModstamp, link.sfModstamp)) return 'in-step';",
  ),
  bug(
    'a full sweep forgets linked records that no query gives',
    'everything lost, and a full sweep',
    COMPARE_RECORDS,
    "return link?.state === 'linked' && link.sfId === sfId ? [link] : [];",
    'return link?.version === -1 ? [link] : [];',
  ),
  bug(
    "old code's full sweep moves new code's",
    'a deployment during a full sweep',
    'test/in-memory/full-sweeps.ts',
    'stored?.sweepId === read.sweepId && stored.version === read.version;',
    'stored !== undefined && read !== undefined;',
  ),
];
