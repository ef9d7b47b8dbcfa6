import { isDeepStrictEqual } from 'node:util';
import type { OrgRecord } from '../../in-memory/salesforce-org/records.ts';
import { UNKNOWN_NAME } from '../people/refusals.ts';
import { CONSTANTS, fieldsOf, isSentOnce, type Place, RECORD_TYPE, TABLE } from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import { IDS_OF_AN_ORG, recordTypeNumber, traced, tracedAt } from '../world/traced-values.ts';
import { GREETING, type World } from '../world/world.ts';
import { pairsOf } from './pairs.ts';
import type { Violation } from './violation.ts';

/**
 * Has each write of the sync's judged as it is made: what is never sent with a creation is not, what is sent with it alone
 * is not changed after, the constants stand in what is made and are not set again, and names become what the org, or the
 * item, writes for them.
 */
export function watchMaking(world: World): void {
  if (!world.shape.hasCreationRules) return;
  const known = new Map<string, OrgRecord['fields']>();
  world.saved = (connectionId, record) => {
    const way = `${connectionId} ${record.Id}`;
    const before = known.get(way);
    known.set(way, record.fields);
    if (world.isByPerson) return noteEarlyEdit(world, connectionId, record, before);
    const mistakes = before ? ofChange(before, record.fields) : ofCreation(world, record.fields);
    for (const text of [...mistakes, ...ofNames(world, connectionId, record.fields)])
      world.offences.push({ oracle: 'made', text: `${way}: ${text}` });
  };
  world.syncStore.tables.onChange(({ table, key, before, after }) => {
    if (table !== TABLE || world.isByPerson || !after) return;
    const wanted = before ? before.madeBy : CONSTANTS.items.madeBy;
    const note = (text: string) => world.offences.push({ oracle: 'made', text: `item ${key}: ${text}` });
    if (after.madeBy !== wanted) note(`madeBy is ${String(after.madeBy)}`);
    for (const name of ['tier', 'kind'])
      if (!isDeepStrictEqual(after[name], traced(after[name]))) note(`${name} is ${String(after[name])}`);
  });
}

const ofCreation = ({ shape }: World, fields: OrgRecord['fields']): string[] => [
  ...(fields.Title === GREETING ? [] : ['a field was sent with the creation that never is']),
  ...(fields.Department === CONSTANTS.records.Department ? [] : ['it was made without its constant']),
  ...(fields.Email === null ? ['it was made without the constant that stands in for an empty field'] : []),
  ...(shape.namesRecordTypes || traced(fields.RecordTypeId) === RECORD_TYPE
    ? []
    : [`it was made as ${String(fields.RecordTypeId)}`]),
];

const ofChange = (before: OrgRecord['fields'], after: OrgRecord['fields']): string[] =>
  ['MailingCity', 'Department']
    .filter((field) => before[field] !== after[field])
    .map((field) => `${field} became ${String(after[field])} after the creation`);

const ofNames = (
  world: World,
  connectionId: Place,
  { RecordTypeId, Tier__c }: OrgRecord['fields'],
): string[] => {
  const ofOrg = (recordTypeNumber(RecordTypeId) ?? 0) - world.firstIdOf(connectionId);
  const isType = RecordTypeId === null || (ofOrg >= 0 && ofOrg < IDS_OF_AN_ORG);
  const isTier = Tier__c === null || (typeof Tier__c === 'string' && Tier__c.startsWith('tier_'));
  return [
    ...(isType ? [] : [`${String(RecordTypeId)} is no record type of the org`]),
    ...(isTier ? [] : [`${String(Tier__c)} is no value of the picklist`]),
  ];
};

/** Between a creation and its answer nobody can tell a person's value from the org's own: a limit that is stated. */
function noteEarlyEdit(
  { ledger, syncStore }: World,
  connectionId: Place,
  record: OrgRecord,
  before: OrgRecord['fields'] | undefined,
): void {
  const { Title } = record.fields;
  const link = syncStore.storedLinks.get(`${connectionId}.contact#${keyOfRecord(connectionId, record)}`);
  const isAnswered = link !== undefined && link.state !== 'creating';
  const isNew = ledger.born.has(`${connectionId} ${record.Id}`);
  if (before && before.Title !== Title && !isAnswered && !isNew) ledger.overwritten.add(String(Title));
}

/** Where there were records already, an attribute that is sent once stays what a person last made of it. */
export const partedWays = (world: World): Violation[] =>
  [...world.ledger.ownWay]
    .filter(([, { isPair }]) => isPair)
    .flatMap(([way, { value }]) => {
      const [key = '', attribute = ''] = way.split(' ');
      const now = tracedAt(world.item(key), attribute);
      const text = `${attribute} of item ${key} went its own way as ${value}, and is ${String(now)}`;
      return now === value ? [] : [{ oracle: 'made' as const, text }];
    });

/**
 * What an org gives a new record is nobody's edit, and no conflict: but for a record that a person saved since, which nobody
 * can tell from it.
 */
export const defaultsForEdits = ({ recorded, ledger }: World): Violation[] =>
  recorded
    .filter(({ conflict: { remote, base } }) => remote === GREETING && (base ?? null) === null)
    .filter(
      ({ conflict: { sfId } }) =>
        ![...ledger.edits, ...ledger.untraced].some(({ record }) => record === sfId),
    )
    .map(({ conflict: { mappingId, localKey, field } }) => ({
      oracle: 'made',
      text: `what the org gave ${field} of ${mappingId} ${localKey} is taken for an edit`,
    }));

/** A label that the picklist does not have waits by itself: the other fields of the pair are the same. */
export const unnamed = (world: World): Violation[] => {
  if (!world.shape.hasCreationRules) return [];
  const { config, journal } = world;
  const listed = [...journal.storedRejections.values()];
  return pairsOf(world).flatMap(({ connection: { connectionId }, record, key }) => {
    const mappingId = `${connectionId}.contact`;
    const item = world.item(key);
    const codes = listed
      .filter((one) => one.mappingId === mappingId && one.key === key)
      .map(({ code }) => code);
    const isNamed = item?.tier !== UNKNOWN_NAME;
    if (isNamed) return [];
    if (!codes.includes('UNKNOWN_NAME'))
      return [
        { oracle: 'made' as const, text: `${mappingId} ${key} has an unknown label, and nobody is told` },
      ];
    if (codes.length > 1) return [];
    return fieldsOf(config, 'contact')
      .filter(([attribute]) => attribute !== 'tier' && !isSentOnce(config, 'contact', attribute))
      .filter(([attribute, field]) => tracedAt(item, attribute) !== (traced(record.fields[field]) ?? null))
      .map(([attribute]) => ({
        oracle: 'made' as const,
        text: `${attribute} of ${mappingId} ${key} waits for another field`,
      }));
  });
};
