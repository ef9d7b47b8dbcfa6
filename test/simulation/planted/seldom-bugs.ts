import type { PlantedBug } from './bundle.ts';

const RECONCILE = 'shared/sync/reconcile';
const MAPPING = 'shared/sync/mapping';
const MADE = 'what is made, and how it begins';
const SPONSOR = 'a parent of one of several objects';

const bug = (name: string, profile: string, file: string, find: string, replace: string): PlantedBug => ({
  name,
  profile,
  edits: [{ file, find, replace }],
});

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
    'return `${prefix}${key}`;',
    'return `${prefix.slice(0, 0)}${key}`;',
  ),
];
