import { must } from '../../../sync/assert.ts';
import type { Mapping, MappingMatcher } from '../../../sync/model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../../../sync/model/record.ts';
import { at } from '../../../sync/reconcile/field-values.ts';
import type { ParkedKey } from '../../../sync/reconcile/parking.ts';
import { MAX_ASKED_VALUE } from './match.ts';
import type { Pass } from './work.ts';

/** A record without a link that may be an item's: the item is looked at, and finds it or not. */
export interface Visit {
  readonly record: RemoteRecord;
  readonly localKey: string;
  /** What waits under the record's id. */
  readonly parked?: ParkedKey | undefined;
}

export interface Visits {
  readonly visits: readonly Omit<Visit, 'parked'>[];
  /** Records that could be several items'. */
  readonly several: readonly { readonly record: RemoteRecord; readonly keys: readonly string[] }[];
}

/** A short form of an id is the same id. */
const SHORT_ID_CHARS = 15;

/**
 * The items without a link that records without a link may belong to, by the mapping's matchers in their order, as far
 * as the table has an index for them. Whether they do is for the item's own look to say, which sees other records too.
 */
export async function findItems(pass: Pass, records: readonly RemoteRecord[]): Promise<Visits> {
  const found: { visits: Omit<Visit, 'parked'>[]; several: { record: RemoteRecord; keys: string[] }[] } = {
    visits: [],
    several: [],
  };
  let left = records;
  for (const matcher of pass.open.mapping.matchers) {
    const attribute = indexOf(pass.open.mapping, matcher);
    if (attribute === undefined || left.length === 0) continue;
    const items = await itemsWith(
      pass,
      attribute,
      left.flatMap((record) => valuesOf(pass.open.mapping, matcher, attribute, record)),
    );
    const isAlike = alike(matcher);
    for (const record of left) {
      const keys = items.filter((item) => isAlike(item, record)).map(({ localKey }) => localKey);
      const [localKey] = keys;
      if (localKey === undefined) continue;
      if (keys.length > 1) found.several.push({ record, keys });
      else found.visits.push({ record, localKey });
    }
    const known = new Set([...found.visits, ...found.several].map(({ record }) => record));
    left = left.filter((record) => !known.has(record));
  }
  return found;
}

/** The attribute whose index finds items for a matcher. */
const indexOf = ({ localIdField }: Mapping, matcher: MappingMatcher): string | undefined => {
  if (matcher.kind === 'fields') return matcher.index;
  return matcher.kind === 'salesforce-id' && matcher.isIndexed ? localIdField : undefined;
};

/** As items may have the value: an index finds what is spelt alike. */
const valuesOf = (
  { fields }: Mapping,
  { kind }: MappingMatcher,
  attribute: string,
  { sfId, values }: RemoteRecord,
): string[] => {
  if (kind === 'salesforce-id') return bothForms(sfId);
  const value = at(values, attribute);
  // A longer text is nobody's key, and an index would take none.
  if (typeof value !== 'string' || value.length > MAX_ASKED_VALUE) return [];
  const isId = fields.some(({ localField, type }) => localField === attribute && type === 'id');
  return isId ? bothForms(value) : [value];
};

const bothForms = (id: string): string[] => [id, id.slice(0, SHORT_ID_CHARS)];

const alike =
  (matcher: MappingMatcher) =>
  (item: LocalItem, record: RemoteRecord): boolean =>
    matcher.kind === 'fields'
      ? matcher.fields.every((name) => {
          const value = at(item.values, name);
          return value !== null && value === at(record.values, name);
        })
      : item.sfId === record.sfId;

/** The tenant's items that have one of the values in the attribute, as they are now, and are linked to nothing. */
async function itemsWith(
  { ports, open }: Pass,
  attribute: string,
  values: readonly string[],
): Promise<readonly LocalItem[]> {
  if (values.length === 0) return [];
  const { mapping } = open;
  const keys = [...(await ports.syncStore.localKeysWith(mapping, attribute, values)).values()].flat();
  const unique = [...new Set(keys)];
  const links = await ports.syncStore.links(mapping.mappingId, unique);
  const alone = unique.filter((key) => {
    const link = links.get(key);
    return link === undefined || (link.state === 'creating' && link.sfId === undefined);
  });
  const { items } = await ports.syncStore.items(mapping, alone);
  return alone.filter((key) => items.has(key)).map((key) => must(items.get(key), 'it was just found'));
}
