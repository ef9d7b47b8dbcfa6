import { ExactNumber } from '../../../shared/contracts/exact-number.ts';
import { isMap, plainAt } from '../../../shared/sync/mapping/paths.ts';
import type { Attributes } from '../../in-memory/local-tables.ts';
import { makeId } from '../../in-memory/salesforce-org/records.ts';

/*
 * The ledger traces texts, wherever a value is and however a side writes it: a long number as its digits, the values of
 * a multi-select picklist in the order of Salesforce, a value that has a name by that.
 */

/** A value of either side as the ledger knows it. */
export const traced = (value: unknown): unknown => {
  if (value instanceof ExactNumber) return value.text;
  if (typeof value === 'string') return named(value);
  const options = value instanceof Set ? [...value] : value;
  if (Array.isArray(options)) return [...options].sort().join(';');
  return value;
};

/** A value that items give by name as they do. */
const named = (value: string): unknown => {
  if (value.includes(';')) return traced(value.split(';'));
  const tier = /^tier_(\d+)$/.exec(value)?.[1];
  if (tier !== undefined) return `Tier ${tier}`;
  const number = recordTypeNumber(value);
  return number === undefined ? value : `Kind_${(number - 1) % IDS_OF_AN_ORG}`;
};

/** No two orgs give out the same id. */
export const IDS_OF_AN_ORG = 100_000;

/** Of the id of a record type; undefined for anything else. */
export const recordTypeNumber = (value: unknown): number | undefined => {
  const digits = typeof value === 'string' ? /^012(\d{12})AAA$/.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
};

/** An attribute of an item as the ledger knows it. */
export const tracedAt = (item: Attributes | undefined, attribute: string): unknown =>
  traced(plainAt(item ?? {}, attribute.split('.'))) ?? null;

/** All values of an item or a record as the ledger knows them, by name; those in a map by their path. */
export const tracedValues = (values: Attributes): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(values).flatMap(([name, value]) =>
      isMap(value)
        ? Object.entries(value).map(([inner, one]) => [`${name}.${inner}`, traced(one)] as const)
        : [[name, traced(value)] as const],
    ),
  );

/** A value that nobody else writes, for an attribute or a field of Salesforce. */
export const tracedValue = (name: string, value: string): string => {
  if (NUMBERS.has(name)) return longNumber(value);
  if (LABELS.has(name)) return `Tier ${numberOf(value)}`;
  if (KINDS.has(name)) return `Kind_${numberOf(value)}`;
  return MANY.has(name) ? `${value};zz` : value;
};

/** The value as an item has it; people write lists in any order. */
export const asAttribute = (attribute: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  if (NUMBERS.has(attribute)) return ExactNumber.of(value);
  return MANY.has(attribute) ? value.split(';').reverse() : value;
};

/** The value as a field of Salesforce has it. @param firstId - the number of the org's first record type */
export const asField = (name: string, value: string, firstId: number): string => {
  if (LABELS.has(name)) return `tier_${numberOf(value)}`;
  return KINDS.has(name) ? makeId('012', firstId + numberOf(value)) : value;
};

/** The number of what happened, which no two edits of a schedule have in common. */
const numberOf = (value: string): number => Number(/\d+$/.exec(value)?.[0] ?? 0);

/** The item with an attribute, perhaps inside a map; `undefined` takes it away. What else is in the map stays. */
export const withAttribute = (item: Attributes, attribute: string, value: unknown): Attributes => {
  const [root = '', inner] = attribute.split('.');
  const { [root]: before, ...others } = item;
  const inside = inner === undefined ? value : withAttribute((before ?? {}) as Attributes, inner, value);
  return inside === undefined ? others : { ...others, [root]: inside };
};

/** What no double holds, and what a multi-select picklist holds, on either side. */
const NUMBERS = new Set(['amount', 'Score__c']);
const MANY = new Set(['skills', 'Skills__c']);
/** What items give by name: a picklist's label, and a record type's developer name. */
const LABELS = new Set(['tier', 'Tier__c']);
const KINDS = new Set(['kind', 'RecordTypeId']);

/** Eighteen digits, of which the last are never a double's. */
const longNumber = (value: string): string => {
  let hash = 7n;
  for (const character of value) hash = (hash * 131n + BigInt(character.charCodeAt(0))) % 999_999_999_983n;
  return `1${String(hash).padStart(12, '0')}12347`;
};
