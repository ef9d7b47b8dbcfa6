import { type DecodedPage, decodeRemotes, fieldsToRead } from '../../../sync/mapping/decode.ts';
import type { RecordSelection } from '../../ports/salesforce-org.ts';
import type { OpenMapping } from '../open-mapping.ts';

type Where = RecordSelection['where'];

/**
 * Reads the records with these ids, deleted ones too, one call. A linked record is read whether or not it still
 * meets the mapping's filter: what came in once stays in step.
 */
export const readLinked = (open: OpenMapping, ids: readonly string[]): Promise<DecodedPage> =>
  read(open, { kind: 'ids', ids }, { filtered: false, includeDeleted: true });

/** Reads records that nothing is linked to yet, one call: only those that meet the filter, and none that are deleted. */
export const readUnlinked = (open: OpenMapping, ids: readonly string[]): Promise<DecodedPage> =>
  read(open, { kind: 'ids', ids }, { filtered: true, includeDeleted: false });

/**
 * Reads the records that carry these local keys as external id, one call.
 *
 * @param includeDeleted - for keys whose creation was announced: a person may have deleted what came of it
 */
export const readByLocalKeys = (
  open: OpenMapping,
  values: readonly string[],
  includeDeleted = false,
): Promise<DecodedPage> =>
  read(
    open,
    { kind: 'external-ids', field: open.mapping.externalIdField, values },
    // Without the filter: a record that exists is linked, never made a second time.
    { filtered: false, includeDeleted },
  );

/** Reads the living records that have one of the values in each of the fields, one call for each 2,000 of them. */
export const readByValues = (
  open: OpenMapping,
  fields: Extract<Where, { kind: 'values' }>['fields'],
): Promise<DecodedPage> => read(open, { kind: 'values', fields }, { filtered: false, includeDeleted: false });

async function read(
  open: OpenMapping,
  where: Where,
  how: { readonly filtered: boolean; readonly includeDeleted: boolean },
): Promise<DecodedPage> {
  const read: DecodedPage = { records: [], unreadable: [] };
  if (isEmpty(where)) return read;
  const { mapping } = open;
  const filter = how.filtered && mapping.filter !== undefined ? { filter: mapping.filter } : {};
  const selection: RecordSelection = {
    sObject: mapping.sfObject,
    fields: fieldsToRead(mapping),
    where,
    ...filter,
    includeDeleted: how.includeDeleted,
  };
  // At most 200 records, but Salesforce may cut any answer into pages.
  let page = await open.org.select(selection);
  for (;;) {
    const decoded = decodeRemotes(mapping, page.records, page.readAt);
    read.records.push(...decoded.records);
    read.unreadable.push(...decoded.unreadable);
    if (!page.next) return read;
    page = await open.org.nextPage(page.next);
  }
}

const isEmpty = (where: Where): boolean =>
  (where.kind === 'ids' && where.ids.length === 0) ||
  (where.kind === 'external-ids' && where.values.length === 0);
