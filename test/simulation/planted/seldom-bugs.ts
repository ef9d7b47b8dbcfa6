import { bug } from './bug.ts';
import type { PlantedBug } from './bundle.ts';

const RECONCILE = 'shared/sync/reconcile';
const MAPPING = 'shared/sync/mapping';
const MADE = 'what is made, and how it begins';
const WHY = 'shared/use-cases/operations/why.ts';
const SAID = 'operators say what was deleted';
const SPONSOR = 'a parent of one of several objects';

/** What few mappings have, and what operators seldom do, done wrong. */
export const SELDOM_BUGS: readonly PlantedBug[] = [
  bug(
    'a field that no creation sends goes with it',
    MADE,
    `${RECONCILE}/creation.ts`,
    "direction !== 'from-salesforce' && sentAt !== 'update',",
    "direction !== 'from-salesforce',",
  ),
  bug(
    "an org's default counts as an edit of the field that no creation sends",
    MADE,
    `${RECONCILE}/as-made.ts`,
    "field.sentAt === 'update' && (isUnseen",
    "field.sentAt === 'create' && (isUnseen",
  ),
  bug(
    'what no creation sends is not sent after a bulk push either',
    MADE,
    `${RECONCILE}/as-made.ts`,
    '(isUnseen(field, link, remote) || isOurCreation(mapping, link, remote))',
    'isOurCreation(mapping, link, remote)',
  ),
  bug(
    'a field that is sent once is sent again',
    MADE,
    `${RECONCILE}/decide.ts`,
    "if (field.sentAt === 'create') return sentOnce(view);",
    '',
  ),
  bug(
    'an item that went its own way follows Salesforce',
    MADE,
    `${RECONCILE}/decide.ts`,
    "if (isEdited(view, view.local)) return { do: isUnknownParent(view) ? 'leave' : 'part' };",
    '',
  ),
  bug(
    'an item that was not edited does not follow in what is sent once',
    MADE,
    `${RECONCILE}/decide.ts`,
    "return { do: isRoundedByAnswer(view) ? 'leave' : 'take-remote' };\n};\n\n/** A parent",
    "return { do: 'leave' };\n};\n\n/** A parent",
  ),
  bug('records are made without constants', MADE, `${MAPPING}/decode.ts`, '  ...mapping.onCreate,\n', ''),
  bug(
    'a constant stands over the value of the item',
    MADE,
    `${MAPPING}/decode.ts`,
    '  ...mapping.onCreate,\n  ...encodeRemote(mapping, values, parents),\n});',
    '  ...encodeRemote(mapping, values, parents),\n  ...mapping.onCreate,\n});',
  ),
  bug(
    'new records are of no record type',
    MADE,
    `${MAPPING}/resolve.ts`,
    '...(recordTypeId !== undefined && { RecordTypeId: recordTypeId })',
    '',
  ),
  bug(
    'a record type goes by its name',
    MADE,
    `${MAPPING}/check/schema-details.ts`,
    'recordTypes.map(({ recordTypeId, name }) => [recordTypeId, name])',
    'recordTypes.map(({ name }) => [name, name])',
  ),
  bug(
    'an item gets the value of a picklist in place of its label',
    MADE,
    `${MAPPING}/field-forms.ts`,
    "return field.names === undefined || typeof read !== 'string' ? read : nameOf(field, read);",
    'return read;',
  ),
  bug(
    'an unknown label holds the whole record',
    MADE,
    'shared/use-cases/reconciliation/records/unknown-names.ts',
    'plan: planWithout(planned.plan, names, isRefused)',
    'plan: withoutWrites(planned.plan, Object.keys(sentBy(planned.plan)))',
  ),
  bug(
    'of a parent that may be of several objects the first is taken',
    SPONSOR,
    `${MAPPING}/references.ts`,
    'targets.find(({ prefix }) => value.startsWith(prefix));',
    'targets[0];',
  ),
  bug(
    'the key of a parent that may be of several objects comes without its mapping',
    SPONSOR,
    `${MAPPING}/references.ts`,
    'for (const { mappingId, prefix } of targets) {',
    "const prefix = '';\n  for (const { mappingId } of targets) {",
  ),
  {
    name: "a person's word counts against a record that Salesforce gives",
    profile: SAID,
    edits: [
      {
        file: `${RECONCILE}/reconcile.ts`,
        find: "return isRecord(remote) && remote.isDeleted ? 'missing' : remote;",
        replace: "return isRecord(remote) && (remote.isDeleted || isRecordDeleted) ? 'missing' : remote;",
      },
      {
        file: 'shared/use-cases/reconciliation/records/gather.ts',
        find: "asked: asked.isRecordDeleted ? { ...asked, isRecordDeleted: remote === 'unseen' } : asked,",
        replace: 'asked,',
      },
    ],
  },
  bug(
    "what a person's word decides against an edit is not in the journal",
    SAID,
    'shared/use-cases/reconciliation/records/conflicts.ts',
    "typeof remote === 'string' ? link?.sfId : remote.sfId",
    "typeof remote === 'string' ? undefined : remote.sfId",
  ),
  bug(
    'a pair that lives is forgotten as a tombstone is',
    SAID,
    'shared/use-cases/operations/deletions.ts',
    'if (!link || !TOMBSTONES.has(link.state)) {',
    'if (!link) {',
  ),
  {
    name: 'nobody looks at what is left of a tombstone that is released',
    profile: SAID,
    edits: [
      {
        file: 'shared/use-cases/operations/deletions.ts',
        find: "await hints.send([{ kind: 'local-keys', keys: [{ key }], ...asked }, ...ofRecord]);",
        replace: 'await hints.send(ofRecord.slice(1));',
      },
      // Both keys wait, in case that nobody is told.
      {
        file: 'shared/use-cases/operations/deletions.ts',
        find: "[ofItem, { kind: 'record', key: link.sfId, side: 'remote', ...waits }]",
        replace: '[]',
      },
    ],
  },
  bug(
    "a person's word of an item goes nowhere",
    SAID,
    'shared/use-cases/operations/deletions.ts',
    '[...new Set(keys)].map((key) => ({ key, changedAt, isDeleted: true as const }))',
    '[...new Set(keys)].map((key) => ({ key, changedAt }))',
  ),
  bug(
    'an item is taken for absent though the commit finds it',
    SAID,
    'test/in-memory/sync-store.ts',
    "if (!('read' in write)) return before === undefined;",
    "if (!('read' in write)) return before === undefined || write.kind === 'absent';",
  ),
  bug(
    'why calls a value the present one that a later line replaced',
    'life',
    WHY,
    'const own = new Set(changes.map(({ field }) => field).filter((field) => !later.has(field)));',
    'const own = new Set(changes.map(({ field }) => field));',
  ),
  bug(
    'why does not say that there may be older lines',
    'one hot item',
    WHY,
    'const isCut = !isWhole || conflicts.length === limit || answers.length > limit;',
    'const isCut = conflicts.length > limit;',
  ),
  bug(
    'why knows nothing of a pair by the id of its record',
    'life',
    WHY,
    'const key = byId.found.get(sfId);',
    'const key = byId.found.get(sfId.slice(0, 15));',
  ),
];
