import type { Clear } from '../../../sync/guard/clears.ts';
import type { ReferenceField } from '../../../sync/mapping/references.ts';
import type { TooLong } from '../../../sync/mapping/too-long.ts';
import type { FieldMapping, Mapping } from '../../../sync/model/mapping.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import type { DuplicatesOfRefused, Refusal } from '../../ports/salesforce-org.ts';
import type { CommitOutcome } from '../../ports/sync-store.ts';
import type { RejectionReason } from './waiting.ts';

type Local = RejectionReason & { readonly by: 'local-rules' };

/** In Salesforce's own words, with the records that a refused duplicate is like: ids and a rule's name, and no value. */
export const refusedBySalesforce = ({ code, message, fields, duplicates }: Refusal) => ({
  by: 'salesforce' as const,
  code,
  message:
    code === 'DUPLICATES_DETECTED' && duplicates ? `${message} ${duplicatesText(duplicates)}` : message,
  fields,
});

const duplicatesText = ({ recordIds, rule, allowSave }: DuplicatesOfRefused): string => {
  const found = recordIds.length === 0 ? 'records that the connected user may not see' : listOf(recordIds);
  const by = rule === undefined ? 'A duplicate rule' : `The duplicate rule ${rule}`;
  const advice = allowSave
    ? "It only warns: with duplicateRules 'allow' the mapping saves such records."
    : 'It blocks such records, whatever the mapping says.';
  return `${by} found: ${found}. ${advice}`;
};

/** What the store does not take, however often it is tried. */
const REFUSALS: Partial<Record<CommitOutcome, Local>> = {
  'too-large': {
    by: 'local-rules',
    code: 'ITEM_TOO_LARGE',
    message:
      'DynamoDB stores at most 400 KB an item, and the item, or what is kept of its mapped values, would be larger: shorten a value, map fewer long fields, or move large attributes out of the item.',
    fields: [],
  },
  refused: {
    by: 'local-rules',
    code: 'REFUSED_BY_STORE',
    message:
      'DynamoDB refuses to store this record: see whether a mapped attribute, or the one that receives the Salesforce id, is the key of an index of the table (such a key is neither empty nor of another type), and whether a number is out of its range; then change the item or the record.',
    fields: [],
  },
};

/** Why a commit failed that only a person can put right: the record is linked elsewhere, or refused. */
export const refusedCommit = (mapping: Mapping, outcome: CommitOutcome): Local =>
  REFUSALS[outcome] ?? alreadyLinked(mapping);

/** The item and the record that claims its key cannot be a pair: a person has to say which belongs to which. */
export const alreadyLinked = ({ externalIdField }: Mapping): Local => ({
  by: 'local-rules',
  code: 'ALREADY_LINKED',
  message: `The item, or the Salesforce record that carries its key, is linked elsewhere: correct ${externalIdField} of the record, and see that the field is case sensitive.`,
  fields: [],
});

export const UNREADABLE_LINK: Local = {
  by: 'local-rules',
  code: 'STORED_ITEM_UNREADABLE',
  message:
    "The sync's own item for this record, on the sync-state table, was changed by hand and cannot be read: restore it from a backup of the table, then save the record again.",
  fields: [],
};

/** The record's own value, or the type that the field had when the mapping was checked, is another one by now. */
export const unreadableValue = (field: string): Local => ({
  by: 'local-rules',
  code: 'UNREADABLE_VALUE',
  message:
    'A value of this Salesforce record does not have the type that its field had when the mapping was checked: nothing of the record is used. The mapping is checked again, and the record read again after that.',
  fields: [field],
});

export const invalidItem = (fields: readonly string[]): Local => ({
  by: 'local-rules',
  code: 'INVALID_ATTRIBUTE',
  message:
    'These attributes of the item cannot be compared with their Salesforce fields: write the type that the field has.',
  fields,
});

export const tooLongText = (found: readonly TooLong[]): Local => {
  const lengths = found.map(({ field, maxLength }) => `${field} (${maxLength} characters)`).join(', ');
  return {
    by: 'local-rules',
    code: 'TEXT_TOO_LONG',
    message: `These attributes are longer than their Salesforce fields, which hold no more than this: ${lengths}. Shorten them, or lengthen the fields. The record is not sent, and looked at again each hour.`,
    fields: found.map(({ field }) => field),
  };
};

/** The names are the org's, and say nothing of the item. */
export const unknownName = (fields: readonly FieldMapping[]): Local => ({
  by: 'local-rules',
  code: 'UNKNOWN_NAME',
  message: fields
    .map(({ localField, names = {} }) => {
      const all = [...new Set(Object.values(names))];
      const more = all.length > MAX_NAMES ? `, and ${all.length - MAX_NAMES} more` : '';
      return `Salesforce has no such value for ${localField}. Allowed: ${all.slice(0, MAX_NAMES).join(', ')}${more}.`;
    })
    .join(' '),
  fields: fields.map(({ localField }) => localField),
});

/** As many as a person reads. */
const MAX_NAMES = 30;

export const contested = (fields: readonly string[]): Local => ({
  by: 'local-rules',
  code: 'CONTESTED',
  message:
    'Each time that these attributes are written to Salesforce, it makes something else of them, and somebody changes them back: two orgs of the tenant, or an org and a program, have different rules for them. The item is left as it is. Let one of them give way, then change the item or the record.',
  fields,
});

export const VANISHED: Local = {
  by: 'local-rules',
  code: 'ITEM_VANISHED',
  message:
    'The record changed in Salesforce, and its item is not in the table, although nobody is known to have deleted it: its time to live may be over. Put the item back to have the change, or leave it.',
  fields: [],
};

export const RECORD_DELETED: Local = {
  by: 'local-rules',
  code: 'RECORD_DELETED',
  message:
    'The item changed, and its Salesforce record was deleted, or merged into another one: the change goes nowhere. Undelete the record, or delete the item.',
  fields: [],
};

/** Of an item without a link: it says itself which record is its own. */
export const ALREADY_MATCHED: Local = {
  by: 'local-rules',
  code: 'ALREADY_LINKED',
  message:
    'The item names by its Salesforce id a record that is linked to another item, or carries the key of another one: no second record is made for it. If the record is to go on with this item, write the key of the item into the external id of the record, and where the other item was deleted, release its tombstone (release-tombstone). Else correct or remove the id that the item holds. It is looked at again, up to each hour.',
  fields: [],
};

/** @param sfIds - of the records that could be the item's */
export const severalMatches = (sfIds: readonly string[]): Local => ({
  by: 'local-rules',
  code: 'SEVERAL_MATCHES',
  message: `Several Salesforce records could be this item's, and none is taken or made: ${listOf(sfIds)}. Merge them, change the values by which they are found, or write the item's key into the external id of the right one. They are looked for again each hour.`,
  fields: [],
});

/** @param fields - the matched attributes whose value no query takes */
export const cannotBeAskedFor = (fields: readonly string[]): Local => ({
  by: 'local-rules',
  code: 'MATCH_NOT_ASKED',
  message:
    "The item is matched by these attributes, and no query takes their values: text of more than 255 characters, or a number of more than 15 digits. No record is made for it, since there may be one. Write the item's key into the external id of its record, or of one that you make for it, or shorten the values.",
  fields,
});

/** @param keys - of the items that the record could be of */
export const severalItems = ({ sfId }: RemoteRecord, keys: readonly string[]) => ({
  by: 'local-rules' as const,
  key: sfId,
  code: 'SEVERAL_MATCHES',
  message: `This Salesforce record could be of several items, and is taken in for none of them: ${listOf(keys)}. Change the values by which they are found, or write the right one's key into the external id of the record. They are looked for again each hour.`,
  fields: [],
});

/** The item that a record could be of is not linked to it, and waits itself. */
export const waitsForItem = ({ sfId }: RemoteRecord, localKey: string) => ({
  by: 'local-rules' as const,
  key: sfId,
  code: 'SEVERAL_MATCHES',
  message: `This Salesforce record could be of the item ${localKey}, which could be of several records, or waits for another reason: see there. The record is looked at again each hour.`,
  fields: [],
});

const MAX_LISTED = 10;
const listOf = (names: readonly string[]): string =>
  names.length <= MAX_LISTED
    ? names.join(', ')
    : `${names.slice(0, MAX_LISTED).join(', ')} and ${names.length - MAX_LISTED} more`;

/** @param fields - the attributes that name parents; those of the record that do are the same ones */
export const parentMissing = (fields: readonly string[]): Local => ({
  by: 'local-rules',
  code: 'PARENT_MISSING',
  message:
    'These attributes, or their Salesforce fields, name a record that is not linked to an item, or an item that is not linked to a record: it does not exist, waits itself, or the mapping does not take it in. The reference is carried over as soon as it is linked.',
  fields,
});

/** @param fields - lookups to several mappings whose attribute has a key alone */
export const mappingUnnamed = (fields: readonly ReferenceField[]): Local => {
  const forms = fields.map(({ localField, reference: { targets } }) => {
    const written = targets.map(({ prefix }) => `${prefix}<key>`);
    return `${localField} as ${written.join(' or ')}`;
  });
  return {
    by: 'local-rules',
    code: 'INVALID_ATTRIBUTE',
    message: `These attributes may name items of several mappings, and do not say of which. Write the mapping's name before the item's key: ${forms.join('; ')}.`,
    fields: fields.map(({ localField }) => localField),
  };
};

export const DELETION_HELD: Local = {
  by: 'local-rules',
  code: 'DELETION_HELD',
  message:
    'So much was deleted within a day that no more deletions of this mapping are carried over until a person has looked: see held-deletions, then release or refuse them.',
  fields: [],
};

/** @param clears - the fields that the look left as they are */
export const fieldsCleared = (clears: readonly Clear[]): Local => ({
  by: 'local-rules',
  code: 'MANY_FIELDS_CLEARED',
  message:
    'So many records lost the value of this field within a day that no more are cleared on the other side until a person has looked: see held-clears, then release or refuse them. The other fields of the record go on.',
  fields: clears.map(({ field }) => field),
});

export const DELETION_DISPUTED: Local = {
  by: 'local-rules',
  code: 'DELETION_DISPUTED',
  message:
    'One side of the pair was deleted and the other edited, and the policy of an edited field is manual: neither is touched. Delete the other side too, or bring the deleted one back; where the field is among the open conflicts, decide it.',
  fields: [],
};

export const RECORD_NOT_VISIBLE: Local = {
  by: 'local-rules',
  code: 'RECORD_NOT_VISIBLE',
  message:
    'The item or its record changed or was deleted, and Salesforce does not give the record: it is hidden from the connected user, or purged from the recycle bin. Grant the user access to it; it is looked for again each hour.',
  fields: [],
};

/** By the Salesforce id: the item with the key is somebody else's. */
export const foreignItem = (sfId: string) => ({
  by: 'local-rules' as const,
  key: sfId,
  code: 'KEY_OF_ANOTHER_TENANT',
  message:
    'The external id of this Salesforce record is the key of an item that does not belong to this tenant: give the record another external id.',
  fields: [],
});

export const reservedKey = ({ sfId }: RemoteRecord) => ({
  by: 'local-rules' as const,
  key: sfId,
  code: 'KEY_RESERVED',
  message:
    'The external id of this Salesforce record begins with "sf-", like the keys that the sync makes for records without one: clear it, or give the record another external id.',
  fields: [],
});

export const takenKey = ({ sfId }: RemoteRecord) => ({
  by: 'local-rules' as const,
  key: sfId,
  code: 'KEY_TAKEN',
  message:
    'The external id of this Salesforce record is the key of an item that is linked to another record: give the record another external id.',
  fields: [],
});
