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
const DELETE_REMOTE = `${RECORDS}/delete-remote.ts`;
const AS_OF_REVISION = 'shared/sync/reconcile/as-of-revision.ts';
const HELD = `${RECORDS}/held.ts`;
const CORE_HELD = 'shared/sync/reconcile/held.ts';
const CONFLICTS = `${RECORDS}/conflicts.ts`;
const AUTHORIZATION = 'shared/use-cases/connections/complete-authorization.ts';
const TENANT_CONNECTIONS = 'shared/use-cases/local-changes/tenant-connections.ts';
const STORE = 'test/in-memory/sync-store.ts';
const STATES = 'test/in-memory/mapping-states.ts';
const FULL_SWEEP = 'shared/use-cases/reconciliation/full-sweep';
const PLAN = 'shared/use-cases/reconciliation/plan';
const REHEARSAL = 'shared/use-cases/rehearsal';
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
 * Not among them, since no schedule shows it: that a field which was left out has the base of before when it is back. Where
 * that is still there, it decides as well as a first meeting, but for a side that was cleared, and an empty field proves
 * nothing here. A named test (`schedules/drift.test.ts`) holds the rule.
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
    'linked(before, plan.baseBeforeRemote, plan.adjusted, plan.held, plan.adoptions)',
    'linked(before, plan.nextBase, plan.adjusted, plan.held, plan.adoptions)',
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
    'const waiting = lasting.map(({ outcome, planned }): Waiting => {',
    'const waiting = lasting.filter(({ outcome }) => outcome.retryAfterMs === undefined).map(({ outcome, planned }): Waiting => {',
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
    '...encodeRemote(open.mapping, link.pending ?? {}, planned.subject.parents),\n        ...(link.owesKey',
    "...encodeRemote(open.mapping, planned.subject.local === 'missing' ? {} : planned.subject.local.values, planned.subject.parents),\n        ...(link.owesKey",
  ),
  bug(
    'tombstones off',
    'deletions',
    EXISTENCE,
    "if (link === undefined || (link.state === 'creating' && local !== 'missing')) {",
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
    "return remote === 'missing' ? recordDeleted(looked, link, local) : nothing(NOTHING.recordUnseen);",
    "return remote === 'missing' ? recordDeleted(looked, link, local) : { kind: 'remote-deleted' };",
  ),
  bug(
    'an item deleted though its record is only hidden',
    'deletions carried over',
    EXISTENCE,
    "return remote === 'missing' ? recordDeleted(looked, link, local) : nothing(NOTHING.recordUnseen);",
    "return remote === 'missing' ? recordDeleted(looked, link, local) : { kind: 'delete-local', conflicts: [] };",
  ),
  bug(
    'a record deleted though nobody told of a deletion',
    'deletions carried over',
    EXISTENCE,
    'if (isLocalDeleted !== true && !isAnnounced) return nothing(NOTHING.itemVanished);',
    '',
  ),
  bug(
    'an expiry taken for a deletion',
    'deletions carried over',
    'shared/use-cases/local-changes/local-change.ts',
    'if (isExpiry || ttlAttribute === undefined || !before || after) return isExpiry;',
    'if (isExpiry || ttlAttribute === undefined || !before || after) return false;',
  ),
  bug(
    'a deletion not announced',
    'deletions carried over',
    CORE_SETTLE,
    "    state: 'deleting',\n    lease,",
    "    state: 'linked',\n    lease,",
  ),
  bug(
    'word of a deletion kept after the item was made again',
    'deletions carried over',
    DELETE_REMOTE,
    "      item: { kind: 'absent' as const },\n",
    '',
  ),
  bug(
    'an undeleted record not brought back',
    'deletions carried over',
    EXISTENCE,
    "  if (!isRecord(remote)) return nothing(NOTHING.bothGone);\n  return mayCreate(mapping, 'to-salesforce', NOTHING.notFromSalesforce);",
    '  return nothing(NOTHING.bothGone);',
  ),
  bug(
    'the count of deletions ignored',
    'mass deletions',
    'shared/sync/guard/guard.ts',
    '- countOf(state, nowMs))',
    '- 0 * countOf(state, nowMs))',
  ),
  bug(
    'a closed guard ignored',
    'mass deletions',
    'shared/sync/guard/guard.ts',
    '    state.closedSince === undefined\n      ? Math.max(0, limitOf(',
    "    state.closedSince !== 'never'\n      ? Math.max(1, limitOf(",
  ),
  bug(
    'a deletion beats an edit, and nobody is told',
    'a deletion against an edit',
    'shared/sync/reconcile/deletion.ts',
    "return { kind: isKept ? 'edit' : 'deletion', conflicts };",
    "return { kind: 'deletion', conflicts: isKept ? [] : conflicts };",
  ),
  bug(
    'the pair of a merged record ends with it',
    'merges carried over',
    `${RECORDS}/follow-merged.ts`,
    '    if (!winner || (winner.externalId',
    '    if (!winner || winner || (winner?.externalId',
  ),
  bug(
    'a lost answer to a deletion forgotten',
    'a bad day of deletions',
    'shared/sync/reconcile/local-changes.ts',
    "new Set(['linked', 'creating', 'deleting'])",
    "new Set(['linked', 'creating'])",
  ),
  // What is left to a person.
  bug(
    'a held field written anyway',
    'held for a person',
    'shared/sync/reconcile/merge.ts',
    "    ...taken('take-local').map(({ name, view }) => [name, view.local] as const),",
    "    ...[...taken('take-local'), ...taken('hold')].map(({ name, view }) => [name, view.local] as const),",
  ),
  bug(
    'an open conflict not stored',
    'held for a person',
    HELD,
    'put: put.map((held) => entryOf(subject, pair, next, held))',
    'put: put.slice(1).map((held) => entryOf(subject, pair, next, held))',
  ),
  bug(
    'a superseded conflict not closed',
    'held for a person',
    HELD,
    'held)), remove } };',
    'held)), remove: [] } };',
  ),
  bug(
    'a stale resolution accepted',
    'held for a person',
    CORE_HELD,
    "  if (held.version !== seen) return 'seen-other-values';",
    '',
  ),
  bug(
    'a resolution carried out against other values than were seen',
    'held for a person',
    CORE_HELD,
    'return isUnchanged(held, view) ? carryOut(view, held.resolution, decision.conflict) : decision;',
    'return carryOut(view, held.resolution, decision.conflict);',
  ),
  bug(
    'a resolution lost with its hint',
    'held for a person',
    'shared/use-cases/operations/open-conflicts.ts',
    'waitUntil: isoOf(clock.nowMs() + HINT_WAIT_MS),',
    '',
  ),
  bug(
    'a resolution lost after a crash',
    'held for a person',
    'shared/sync/reconcile/merge.ts',
    "decision.do === 'take-local' || decision.do === 'take-value' ? view.remote",
    "decision.do === 'take-local' || decision.do === 'take-value' ? (decision.conflict?.policy === 'manual' ? view.base : view.remote)",
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
  bug(
    'number rounded on its way',
    'values of every kind',
    'shared/sync/mapping/values.ts',
    "typeof value === 'string' ? ExactNumber.of(value) : value;",
    "typeof value === 'string' ? Number(value) : value;",
  ),
  bug(
    'set compared as text',
    'values of every kind',
    'shared/sync/mapping/values.ts',
    "return type === 'options' && isSameSet(a, b);",
    'return false;',
  ),
  bug(
    'field of the creation sent with a change',
    'values of every kind',
    'shared/sync/reconcile/decide.ts',
    "if (field.sentAt === 'create') return sentOnce(view);",
    '',
  ),
  bug(
    'write into a map replaces the map',
    'values of every kind',
    STORE,
    'const copy = { ...(below as Attributes | undefined) };',
    'const copy: Record<string, unknown> = {};',
  ),
  bug(
    'filter of what goes out ignored',
    'values of every kind',
    'shared/sync/mapping/decode.ts',
    '...(localFilter !== undefined && !meets(localFilter, attributes) && { isFilteredOut: true }),',
    '',
  ),
  bug(
    'an old row overwrites what a person filled in (2)',
    'a first meeting in bulk',
    `${RECORDS}/apply.ts`,
    'if (!subject.isOldRow) return false;',
    'if (subject !== undefined) return false;',
  ),
  bug(
    'a value that cannot be read takes its neighbours with it: a write (8)',
    'one bad record among others',
    'test/in-memory/salesforce-org/writes.ts',
    'const { code, message, fields = [] } = error.refusal;',
    "const { code, message, fields = [] } = error.refusal;\n      if (code === 'JSON_PARSER_ERROR') throw new RequestRefusal(400, code, message);",
  ),
  bug(
    'a value that cannot be read takes its neighbours with it: a page (8)',
    'one bad record among others',
    'shared/sync/mapping/decode.ts',
    'if (!(error instanceof UnreadableValue)) throw error;',
    'throw error;',
  ),
  bug(
    'a key that Salesforce cannot hold takes its neighbours with it: a batch of the stream (8)',
    'one bad record among others',
    'shared/use-cases/local-changes/forward-local-changes.ts',
    'relevant.filter(({ key }) => keyProblem(key) === undefined)',
    'relevant',
  ),
  bug(
    'a push that was aborted is never made up for (10)',
    'a push and an allowance that is used up',
    'shared/use-cases/bulk/abort.ts',
    "if (job ? job.kind === 'ingest' : !wasLoad) await makePushDue(ports, state);",
    '',
  ),
  bug(
    'a mapping that comes back pushes nothing (12)',
    'a mapping that leaves and comes back',
    'shared/use-cases/schedules/enrol-mappings.ts',
    'if (isGone !== isRetired)',
    'if (isGone && !isRetired)',
  ),
  bug(
    'a key that is parked again forgets when its item changed (14)',
    'who was later',
    'shared/sync/reconcile/parking.ts',
    '...latestChange(local, parking) } }',
    '...latestChange(undefined, parking) } }',
  ),
  bug(
    'an old value that was set once more is overwritten silently (15)',
    'old values set once more',
    'shared/sync/reconcile/decide.ts',
    "view.isOutcomeUnknown ? perhapsSetBack(view) : { do: 'take-local' }",
    "{ do: 'take-local' }",
  ),
  bug(
    'an edit of unknown time counts as the earlier one (16)',
    'who was later',
    'shared/sync/reconcile/decide.ts',
    "return { winner: 'salesforce', reason: REASONS.localTimeUnknown };",
    "return { winner: 'salesforce', reason: REASONS.salesforceLater };",
  ),
  bug(
    'the stream gets no moment to tell of an edit (16)',
    'who was later',
    `${RECORDS}/apply.ts`,
    'return isOpen && !waited;',
    'return false;',
  ),
  bug(
    'an item that is there is taken for deleted (22)',
    'items that come back',
    `${RECORDS}/apply.ts`,
    "...linking(one, markLocalDeleted(pair)), item: { kind: 'absent' } }",
    '...linking(one, markLocalDeleted(pair)) }',
  ),
  bug(
    'an expiry taken for a deletion (25)',
    'expiry',
    'shared/use-cases/local-changes/local-change.ts',
    'if (!table || isExpiry(table, change) ||',
    'if (!table ||',
  ),
  bug(
    'an expiry in another region taken for a deletion (25)',
    'expiry',
    'shared/use-cases/local-changes/local-change.ts',
    'return seconds !== undefined && seconds * 1000 <= Date.parse(changedAt);',
    'return false;',
  ),
  bug(
    'a row that was read after our last look dropped for its older stamp (26)',
    'servers that disagree on the time, and a message that is lost',
    SNAPSHOT,
    "if (isFresh) return 'use';",
    "if (isFresh && !(link.sfModstamp !== undefined && isAfter(link.sfModstamp, remote.systemModstamp))) return 'use';",
  ),
  bug(
    'what an admin mends is not tried again (27)',
    'refusals that pass',
    'shared/salesforce-client/errors/error-catalogue.ts',
    'if (verdict.mendsAfterMs !== undefined) return verdict.mendsAfterMs;',
    '',
  ),
  bug(
    'what time mends is not tried again (27)',
    'refusals that pass',
    'shared/salesforce-client/errors/error-catalogue.ts',
    "return 'retryAfterMs' in verdict.next ? verdict.next.retryAfterMs : verdict.next.waitMs;",
    'return undefined;',
  ),
  bug(
    'what waits ends by an old row',
    'a load and an allowance that is used up for a moment',
    GATHER,
    'if (parked.length === 0 || isOther) return verdict;',
    'return verdict;',
  ),
  bug(
    'what waits lets a stale row in',
    'two looks at a first meeting',
    GATHER,
    "isFresh === true && (verdict === 'use' || verdict === 'in-step')",
    'isFresh === true',
  ),
  {
    name: 'conflicts recorded before their commit, however long (7)',
    profile: 'long texts',
    edits: [
      { file: CONFLICTS, find: 'value.length <= MAX_SHOWN_CHARS', replace: 'true' },
      { file: CONFLICTS, find: '(pass, one).slice(MAX_IN_COMMIT)', replace: '(pass, one)' },
    ],
  },
  bug(
    'a pass begins at its first page again (9)',
    'a long pass and an org that is away',
    'shared/use-cases/reconciliation/pass.ts',
    'return sweepSelection(mapping, since, pass?.cursor);',
    'return sweepSelection(mapping, since);',
  ),
  bug(
    'a pass that comes to nothing leaves no trace (11)',
    'a filter that nobody may read',
    'shared/use-cases/reconciliation/handle-hint.ts',
    'const trouble = await mappingStates.recordTrouble(mappingId, reason, nowIso(clock));',
    'const trouble = { count: 4 };',
  ),
  bug(
    'a pass that comes to nothing is tried each minute (11)',
    'a filter that nobody may read',
    'shared/use-cases/reconciliation/handle-hint.ts',
    'FIRST_TROUBLE_MS * 2 ** (trouble.count - 1)',
    'FIRST_TROUBLE_MS',
  ),
  bug(
    'two orgs change a field for ever (13)',
    'two orgs that never agree',
    'shared/sync/reconcile/merge.ts',
    'isAdoption && adoptions.count > MAX_ADOPTIONS',
    'false',
  ),
  bug(
    'edits of an item go nowhere when its record was merged, and nobody is told (17)',
    'merges',
    `${RECORDS}/unapplied.ts`,
    'isEdited(pass, subject) ? [waitingOf(subject, { rejection: RECORD_DELETED })] : [];',
    '[];',
  ),
  bug(
    'connections that are new take the whole tick (18)',
    'many connections at once',
    'shared/use-cases/schedules/dispatch-due.ts',
    'const ENROLMENT_SHARE = 1 / 4;',
    'const ENROLMENT_SHARE = 1;',
  ),
  {
    name: 'tokens are stored before the mappings are made (19)',
    profile: 'a second org that joins',
    edits: [
      {
        file: AUTHORIZATION,
        find: 'await makeReady(ports, { connectionId, orgId: tenantId }, before);\n  const saved',
        replace: 'const saved',
      },
      {
        file: AUTHORIZATION,
        find: 'if (saved) return establish(',
        replace:
          'if (saved) await makeReady(ports, { connectionId, orgId: tenantId }, before);\n  if (saved) return establish(',
      },
    ],
  },
  bug(
    'another policy has everything gone through anew (20)',
    'two versions',
    'shared/sync/mapping/template-digest.ts',
    'bulkThreshold, conflictPolicy, deletePolicy,',
    'bulkThreshold, deletePolicy,',
  ),
  bug(
    'what was told of a record by its id is never taken back (21)',
    'a key that is given up',
    `${RECORDS}/waiting.ts`,
    '[...new Set(keys)]',
    'subjects.map(({ localKey }) => localKey)',
  ),
  {
    name: "a tenant's connections are read once and for all (23)",
    profile: 'a second org that joins',
    edits: [
      {
        file: TENANT_CONNECTIONS,
        find: 'const found = new Map<string, readonly string[]>();',
        replace: 'const found: Map<string, readonly string[]> = ((connections as any).known ??= new Map());',
      },
      {
        file: TENANT_CONNECTIONS,
        find: 'chunk([...new Set(tenants)], PARALLEL)',
        replace: 'chunk([...new Set(tenants)].filter((one) => !found.has(one)), PARALLEL)',
      },
    ],
  },
  bug(
    'a load that cannot be counted never begins (24)',
    'orgs that cannot count',
    'shared/salesforce/select.ts',
    "new Set(['QUERY_TIMEOUT', 'OPERATION_TOO_LARGE'])",
    'new Set<string>()',
  ),
  bug(
    'a child sent without waiting for its parent',
    'parents',
    `${RECORDS}/apply.ts`,
    "    'missing' in plan && plan.missing ? [{ subject, missing: plan.missing }] : [],",
    "    'missing' in plan && plan.missing && plan.kind === 'nothing' ? [{ subject, missing: plan.missing }] : [],",
  ),
  {
    name: 'waiting children not woken',
    profile: 'parents',
    edits: [
      {
        file: `${RECORDS}/apply.ts`,
        find: 'waitingOf(about, { reason: PARENT_MISSING, waitMs: PARENT_WAIT_MS });',
        replace: 'waitingOf(about, { reason: PARENT_MISSING });',
      },
      {
        file: `${RECORDS}/waiting-children.ts`,
        find: 'if (isReferenced !== true || linked.length === 0) return;',
        replace: 'if (isReferenced !== true || linked.length >= 0) return;',
      },
    ],
  },
  bug(
    'the first of several candidates taken',
    'pairs that exist already',
    `${RECORDS}/match.ts`,
    'if (rivals.size > 1) return',
    'if (rivals.size > 1000) return',
  ),
  bug(
    'an item with the id of its record doubled',
    'pairs that exist already',
    `${RECORDS}/match.ts`,
    "sfId !== null && mapping.matchers.some(({ kind }) => kind === 'salesforce-id') ? sfId : undefined;",
    "sfId !== null && mapping.matchers.some(({ kind }) => kind === 'external-id' && sfId === '') ? sfId : undefined;",
  ),
  bug(
    'a record takes an item of its own though one is there',
    'pairs that exist already',
    `${RECORDS}/visits.ts`,
    'if (attribute === undefined || left.length === 0) continue;',
    'if (attribute === undefined || left.length >= 0) continue;',
  ),
  bug(
    'a cycle waits for itself',
    'parents',
    'shared/sync/mapping/resolve.ts',
    'isCyclic: namesIn(reference).some((parent) => parent === name || leadsTo(templates, parent, name)),',
    'isCyclic: namesIn(reference).some((parent) => parent !== name && leadsTo(templates, parent, name)),',
  ),
  // What a check finds.
  bug(
    'one hidden field stops a mapping that leaves it out',
    'a field that is hidden is left out',
    'shared/sync/mapping/check.ts',
    "const isLeftOut = template.onDrift === 'leave-out';",
    'const isLeftOut = false;',
  ),
  {
    // Each alone is made good by the other: a sweep and a record that is refused both tell.
    name: 'the mapping not checked again where Salesforce does not know a field',
    profile: 'a field that is hidden is left out',
    edits: [
      {
        file: 'shared/use-cases/reconciliation/handle-hint.ts',
        find: '      await ports.mappingStates.expireCheck(hint.mappingId);\n',
        replace: '',
      },
      {
        file: 'shared/use-cases/reconciliation/records/waiting.ts',
        find: "  'INVALID_FIELD',\n",
        replace: '',
      },
    ],
  },
  bug(
    'passes go on where they were when a field is back',
    'a field that is hidden is left out',
    STATES,
    "for (const name of ['watermark', 'pass', 'trouble'] as const) delete state[name];",
    '',
  ),
  bug(
    'keys looked for where records have none',
    'records without a key',
    'shared/use-cases/reconciliation/records/read-remote.ts',
    'if (field === undefined) return Promise.resolve({ records: [], unreadable: [] });',
    "if (field === undefined) throw new Error('no key');",
  ),
  {
    name: 'planning writes',
    profile: 'nothing but plans',
    edits: [
      {
        file: `${PLAN}/dry-look.ts`,
        find: '  const decided = gathered.map((subject) => decideOn(pass, subject));',
        replace:
          "  const decided = gathered.map((subject) => decideOn(pass, subject));\n  await apply({ ...pass, owner: 'x' }, gathered);",
      },
      {
        file: `${PLAN}/dry-look.ts`,
        find: 'import { type Decided, decideOn,',
        replace: 'import { apply, type Decided, decideOn,',
      },
    ],
  },
  bug(
    'a key that has changed since is applied',
    'nothing but plans',
    `${PLAN}/apply-page.ts`,
    '    return now.digest === entry.digest;',
    '    return true;',
  ),
  bug(
    'a changed side is not part of what was planned',
    'nothing but plans',
    `${PLAN}/dry-look.ts`,
    'sha256OfJson([localKey, sfId, sides, outcome])',
    'sha256OfJson([localKey, sfId, actions.map(toldOf)])',
  ),
  bug(
    'a stale plan is applied',
    'nothing but plans',
    `${PLAN}/plan-turn.ts`,
    'turn.current.basis !== undefined && turn.current.basis !== basis;',
    'turn.current.basis === undefined && basis === undefined;',
  ),
  bug(
    'the first page is never applied',
    'nothing but plans',
    `${PLAN}/apply-plan.ts`,
    'if (applying.page === 0)',
    'if (applying.page <= 1)',
  ),
  bug(
    'a key is planned twice',
    'nothing but plans',
    `${PLAN}/make-plan.ts`,
    'await ports.plans.addKeys(current, nowIso(ports.clock), pages.flat().map(nameOf));',
    '',
  ),
  bug(
    'a change does not wait for its plan',
    'changes that wait for plans',
    'shared/sync/mapping/running-template.ts',
    'if (!deployed.requirePlan || running',
    'if (deployed.requirePlan || running',
  ),
  // What a rehearsal keeps to itself, and says.
  bug(
    'a rehearsal writes its items in earnest',
    'a rehearsal',
    `${REHEARSAL}/dry-store.ts`,
    '  if (!overlaid && !held) return commit;',
    '  if (overlaid || !held) return { ...commit, ...(item && { item }) };',
  ),
  bug(
    'a rehearsal writes its records in earnest',
    'a rehearsal',
    `${REHEARSAL}/dry-org.ts`,
    'dryUpsert(dry, records, readBack)',
    'org.upsert(_sObject, _field, records, readBack)',
  ),
  bug(
    'a rehearsal does not read what it wrote',
    'a rehearsal',
    'shared/sync/rehearsal/overlaid-item.ts',
    'values: { ...real.values, ...standing(real, overlaid) },',
    'values: real.values,',
  ),
  bug(
    'a promoted mapping goes on where its rehearsal was',
    'a rehearsal',
    STATES,
    "for (const name of ['rehearsal', 'watermark', 'followedUntil', 'pass', 'trouble'] as const)",
    "for (const name of ['rehearsal'] as const)",
  ),
];
