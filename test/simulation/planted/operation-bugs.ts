import { bug } from './bug.ts';
import type { PlantedBug } from './bundle.ts';
import { CHANGES, PLAN, RECORDS, REHEARSAL, SETTLE, STATES } from './files.ts';

/** What may go wrong with parents, pairs, checks, plans and rehearsals, and with what is told of changes. */
export const OPERATION_BUGS: readonly PlantedBug[] = [
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
    '    return isAdmitted;',
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
    'await ports.plans.addKeys(current, nowIso(ports.clock), step.pages.flat().map(nameOf));',
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
  // What a record's history says.
  bug(
    'a write that Salesforce has taken leaves no line',
    'one hot field',
    SETTLE,
    '  tellWritten(pass, planned, link, pending, outcome);',
    '  ({ link });',
  ),
  bug(
    'a write that is found to have arrived leaves no line',
    'a bad day',
    CHANGES,
    "      ? { field: name, side: 'salesforce', rule: 'arrived', before, after }\n",
    "      ? { field: name, side: 'neither', rule: 'arrived', before, after: before ?? null }\n",
  ),
  bug(
    'a clearing that a person refused is told as an agreement',
    'mass clearing',
    CHANGES,
    "return isHeld ? 'clearRefused' : 'parted';",
    "return isHeld ? 'alike' : 'parted';",
  ),
  bug(
    'a line names the wrong side',
    'one hot field',
    CHANGES,
    "[{ field: name, side: 'local', rule, before, after, ",
    "[{ field: name, side: 'salesforce', rule, before, after, ",
  ),
  bug(
    'a line has the value of before',
    'two tenants',
    CHANGES,
    'before: known, after, ',
    'before: known, after: before ?? after, ',
  ),
  bug(
    'what the stream told is said to come of a message',
    'life',
    'shared/use-cases/local-changes/forward-local-changes.ts',
    "cause: { by: 'stream' }",
    "cause: { by: 'message' }",
  ),
  // It costs calls, and writes nothing.
  bug(
    'a mapping is swept every five minutes',
    'life',
    'shared/use-cases/schedules/dispatch-due.ts',
    'nextOnGrid(connectionId, intervalMs, nowMs);',
    'nowMs + intervalMs / 12;',
  ),
];
