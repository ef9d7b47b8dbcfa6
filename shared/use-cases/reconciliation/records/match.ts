import { must } from '../../../sync/assert.ts';
import type { Mapping, MappingMatcher } from '../../../sync/model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../../../sync/model/record.ts';
import type { FieldType, FieldValue } from '../../../sync/model/values.ts';
import { at } from '../../../sync/reconcile/field-values.ts';
import { withParents } from './parents.ts';
import { readByValues } from './read-remote.ts';
import { ALREADY_MATCHED, cannotBeAskedFor, severalMatches } from './rejections.ts';
import type { RejectionReason, Waiting } from './waiting.ts';
import type { Pass } from './work.ts';

type FieldMatcher = Extract<MappingMatcher, { kind: 'fields' }>;

/** What an item without a link found. */
export type Match =
  /** `isMatched`: by something else than its external id. */
  | { readonly kind: 'record'; readonly record: RemoteRecord; readonly isMatched: boolean }
  /** It is linked to nothing and made nowhere, until a person has seen to it. */
  | {
      readonly kind: 'refused';
      readonly rejection: RejectionReason & Pick<NonNullable<Waiting['rejection']>, 'by'>;
      /** @default as `waitingOf` says */
      readonly waitMs?: number;
    };

/** What was read for the items of a look. */
export interface FoundRecords {
  /** By Salesforce id: those that items name as theirs. */
  readonly byId: ReadonlyMap<string, RemoteRecord>;
  /** By local key: the record that carries the item's key. */
  readonly byKey: ReadonlyMap<string, RemoteRecord>;
}

/** The Salesforce id that the item carries, where it is looked for by that. */
export const storedId = (mapping: Mapping, { sfId }: LocalItem): string | undefined =>
  sfId !== null && mapping.matchers.some(({ kind }) => kind === 'salesforce-id') ? sfId : undefined;

/**
 * The record of each item that has none, by the mapping's matchers in their order: the first that finds any decides. One
 * that is linked to another item, or carries another item's key, is no match. Costs a call for each matcher by fields
 * that somebody is still to be looked for with, and none where there is no such matcher.
 *
 * @returns by local key; items that found nothing are left out. `unreadable`: items of whom a row that could not be
 *   read may be the record, with the field that was at fault
 */
export async function findMatches(
  pass: Pass,
  items: readonly LocalItem[],
  found: FoundRecords,
): Promise<{
  readonly matches: ReadonlyMap<string, Match>;
  readonly unreadable: ReadonlyMap<string, string>;
}> {
  const { mapping } = pass.open;
  const matches = new Map<string, Match>();
  const unreadable = new Map<string, string>();
  const unasked = new Map<string, readonly string[]>();
  const isFree = await freeOf(pass, [...found.byId.values()]);
  let left = items;
  for (const matcher of mapping.matchers) {
    const candidates =
      matcher.kind === 'fields' ? await byFields(pass, matcher, left) : foundBy(matcher, mapping, found);
    for (const [key, field] of candidates.unreadable) unreadable.set(key, field);
    for (const [key, fields] of candidates.unasked) unasked.set(key, fields);
    for (const item of left) {
      const match = decide(item, matcher, candidates.of(item), found, isFree);
      if (match !== undefined) matches.set(item.localKey, match);
    }
    left = left.filter(({ localKey }) => !matches.has(localKey) && !unreadable.has(localKey));
  }
  // Its record may be there, and one that is made for it would be the second.
  for (const { localKey } of left) {
    const fields = unasked.get(localKey);
    if (fields) matches.set(localKey, { kind: 'refused', rejection: cannotBeAskedFor(fields) });
  }
  return { matches, unreadable };
}

const foundBy = ({ kind }: MappingMatcher, mapping: Mapping, { byId, byKey }: FoundRecords): Candidates => ({
  of: (item) => {
    const record =
      kind === 'external-id' ? byKey.get(item.localKey) : byId.get(storedId(mapping, item) ?? '');
    return record ? [record] : [];
  },
  unreadable: new Map(),
  unasked: new Map(),
});

/** An item that got another key is one that was deleted and a new one, and the record of the first goes in moments. */
const HOLDER_WAIT_MS = 60_000;

/** What the candidates of one matcher mean to an item; undefined where none of them is its record. */
function decide(
  item: LocalItem,
  { kind }: MappingMatcher,
  candidates: readonly RemoteRecord[],
  { byKey }: FoundRecords,
  isFree: (record: RemoteRecord) => boolean,
): Match | undefined {
  const [first] = candidates;
  if (kind === 'external-id') return first && { kind: 'record', record: first, isMatched: false };
  // One that carries another key is another item's, whatever else it has.
  const own = candidates.filter(({ externalId }) => externalId === null || externalId === item.localKey);
  // That a record was deleted is remembered by its link: without one it is as good as one that never was.
  if (first?.isDeleted) return undefined;
  if (kind === 'salesforce-id' && first !== undefined) {
    // The item says itself whose it is: where that cannot be, nothing else is looked for, least of all made.
    if (!isFree(first) || own.length === 0)
      return { kind: 'refused', rejection: ALREADY_MATCHED, waitMs: HOLDER_WAIT_MS };
  }
  const withKey = byKey.get(item.localKey);
  const rivals = new Map(
    [...own, ...(own.length > 0 && withKey && !withKey.isDeleted ? [withKey] : [])].map((one) => [
      one.sfId,
      one,
    ]),
  );
  const [record] = rivals.values();
  if (record === undefined) return undefined;
  if (rivals.size > 1) return { kind: 'refused', rejection: severalMatches([...rivals.keys()]) };
  return { kind: 'record', record, isMatched: record.externalId === null };
}

/** Whether no other item of the mapping is linked to a record. */
async function freeOf(
  { ports, open }: Pass,
  records: readonly RemoteRecord[],
): Promise<(record: RemoteRecord) => boolean> {
  if (records.length === 0) return () => true;
  const linked = await ports.syncStore.localKeysOf(
    open.mapping.mappingId,
    records.map(({ sfId }) => sfId),
  );
  return ({ sfId }) => !linked.has(sfId);
}

/** A query takes 100,000 characters, and an escaped one counts as several. */
const MAX_ASKED_CHARS = 30_000;
/** No text of one line is longer, and longer ones cannot be asked for. */
export const MAX_ASKED_VALUE = 255;

interface Asking {
  readonly item: LocalItem;
  /** One for each field of the matcher. */
  readonly values: readonly (string | number)[];
}

interface Candidates {
  readonly of: (item: LocalItem) => readonly RemoteRecord[];
  /** Items of whom a row that could not be read may be the record. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Items that have a value in each field, with those fields whose value no query takes. */
  readonly unasked: ReadonlyMap<string, readonly string[]>;
}

/** The records that have an item's values in all of the fields and are linked to nothing; none for an item that lacks one. */
async function byFields(pass: Pass, matcher: FieldMatcher, items: readonly LocalItem[]): Promise<Candidates> {
  const fields = matcher.fields.map((name) =>
    must(
      pass.open.mapping.fields.find(({ localField }) => localField === name),
      'a mapping is matched by mapped attributes',
    ),
  );
  const whole = items.filter(({ values }) =>
    fields.every(({ localField }) => at(values, localField) !== null),
  );
  const asking = whole.flatMap((item): Asking[] => {
    const values = fields.flatMap(({ localField, type }) => askable(type, at(item.values, localField)));
    return values.length === fields.length ? [{ item, values }] : [];
  });
  const unasked = new Map(
    whole.flatMap(({ localKey, values }) => {
      const names = fields
        .filter(({ localField, type }) => askable(type, at(values, localField)).length === 0)
        .map(({ localField }) => localField);
      return names.length > 0 ? [[localKey, names] as const] : [];
    }),
  );
  const found = new Map<string, readonly RemoteRecord[]>();
  const unreadable = new Map<string, string>();
  for (const some of inQueries(asking)) {
    const page = await readByValues(
      pass.open,
      fields.map(({ sfField: field }, index) => ({
        field,
        values: [...new Set(some.flatMap(({ values }) => values[index] ?? []))],
      })),
    );
    const records = await withParents(pass.ports.syncStore, pass.open.mapping, page.records);
    const isFree = await freeOf(pass, records);
    for (const { item, values } of some) {
      const [bad] = page.unreadable;
      if (bad) unreadable.set(item.localKey, bad.field);
      const isAlike = ({ values: theirs }: RemoteRecord): boolean =>
        fields.every(({ localField }, index) => at(theirs, localField) === values[index]);
      found.set(
        item.localKey,
        records.filter((record) => isFree(record) && isAlike(record)),
      );
    }
  }
  return { of: ({ localKey }) => found.get(localKey) ?? [], unreadable, unasked };
}

/** A number of more digits than a double has is a text here, which no query may compare with a number. */
const askable = (type: FieldType, value: FieldValue): (string | number)[] => {
  if (typeof value === 'number') return [value];
  const isText = typeof value === 'string' && type !== 'number' && value.length <= MAX_ASKED_VALUE;
  return isText ? [value] : [];
};

/** In pieces that fit into a query. */
function inQueries(asking: readonly Asking[]): Asking[][] {
  const queries: Asking[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const one of asking) {
    const more = one.values.reduce<number>((sum, value) => sum + String(value).length + 3, 0);
    chars += more;
    if (chars > MAX_ASKED_CHARS) {
      queries.push([]);
      chars = more;
    }
    queries.at(-1)?.push(one);
  }
  return queries;
}
