import type { WireRecord } from '../../contracts/salesforce.ts';
import { must } from '../../sync/assert.ts';
import { keyFieldOf } from '../../sync/mapping/identity.ts';
import type { OverlaidRecord } from '../../sync/rehearsal/overlaid.ts';
import {
  overlaidDeletion,
  overlaidWrite,
  rowOfCreated,
  viewOfRow,
} from '../../sync/rehearsal/overlaid-record.ts';
import { epochMs } from '../../sync/time.ts';
import type { KeyedRecord } from '../ports/overlay.ts';
import type {
  DeleteOutcome,
  RecordSelection,
  RecordUpdate,
  RecordUpsert,
  WriteOutcome,
} from '../ports/salesforce-org.ts';
import { type DryOrg, idIn, keysOf, lastMade, orgNow, recordsOf } from './dry-reads.ts';
import { isMadeId, madeId } from './made-id.ts';

const GONE = { kind: 'refused', code: 'INVALID_CROSS_REFERENCE_KEY', message: '', fields: [] } as const;
const DELETED = { kind: 'refused', code: 'ENTITY_IS_DELETED', message: '', fields: [] } as const;

/** As `SalesforceOrg.update`, into the overlay. One call, which reads. */
export async function dryUpdate(
  dry: DryOrg,
  updates: readonly RecordUpdate[],
  readBack: readonly string[],
): Promise<readonly WriteOutcome[]> {
  const ids = updates.map(({ sfId }) => sfId);
  const fields = named(readBack, updates);
  const rows = await realRows(dry, { kind: 'ids', ids: ids.filter((one) => !isMadeId(one)) }, fields);
  const [overlaid, keys] = [await recordsOf(dry, ids), await keysOf(dry, ids)];
  const writes = updates.map(({ sfId, values, unmodifiedSince }): Dry => {
    const before = overlaid.get(sfId);
    const row = rows.get(sfId);
    const now = viewOf(row, before, fields);
    if (now === undefined) return { outcome: GONE };
    if (now.IsDeleted === true) return { outcome: DELETED };
    if (unmodifiedSince !== undefined && isLater(now.LastModifiedDate, unmodifiedSince))
      return { outcome: { kind: 'modified' } };
    const record = overlaidWrite(row, before, { sfId, values, at: orgNow(dry) });
    return written(dry, must(keys.get(sfId), 'a record that is written has a key'), record, row, fields);
  });
  return keep(dry, writes);
}

/** As `SalesforceOrg.upsert`, into the overlay. One call, which reads. */
export async function dryUpsert(
  dry: DryOrg,
  upserts: readonly RecordUpsert[],
  readBack: readonly string[],
): Promise<readonly WriteOutcome[]> {
  const field = keyFieldOf(dry.mapping);
  const localKeys = upserts.map(({ externalId }) => externalId);
  const fields = named([...readBack, field], upserts);
  const rows = await realRows(dry, { kind: 'external-ids', field, values: localKeys }, fields);
  const overlaid = await recordsOf(dry, [...rows.keys()]);
  const pairs = await dry.overlay.pairs(dry.mapping.mappingId, localKeys);
  const living = [...rows.values()].filter(
    (row) => viewOfRow(row, overlaid.get(idIn(row)[0] ?? '')).IsDeleted !== true,
  );
  const writes = upserts.map(({ externalId, values }): Dry => {
    const row = living.find((one) => one[field] === externalId);
    const pair = pairs.get(externalId);
    const made = lastMade(pair);
    const before = row ? overlaid.get(idIn(row)[0] ?? '') : made?.kind === 'deleted' ? undefined : made;
    const sfId =
      (row && idIn(row)[0]) ??
      before?.sfId ??
      madeId(dry.mapping.mappingId, externalId, pair?.records.length ?? 0);
    const all = { ...values, [field]: externalId };
    const record = overlaidWrite(row, before, { sfId, values: all, at: orgNow(dry) });
    return written(dry, externalId, record, row, fields, row === undefined && before === undefined);
  });
  return keep(dry, writes);
}

/** As `SalesforceOrg.deleteRecords`, into the overlay. One call, which reads. */
export async function dryDelete(dry: DryOrg, sfIds: readonly string[]): Promise<readonly DeleteOutcome[]> {
  const rows = await realRows(dry, { kind: 'ids', ids: sfIds.filter((one) => !isMadeId(one)) }, []);
  const [overlaid, keys] = [await recordsOf(dry, sfIds), await keysOf(dry, sfIds)];
  const at = orgNow(dry);
  const deletions = sfIds.map((sfId): { readonly outcome: DeleteOutcome; readonly kept?: KeyedRecord } => {
    const [row, before] = [rows.get(sfId), overlaid.get(sfId)];
    const now = viewOf(row, before, []);
    if (now === undefined) return { outcome: GONE };
    if (now.IsDeleted === true) return { outcome: DELETED };
    const localKey = must(keys.get(sfId), 'a record that is deleted has a key');
    return {
      outcome: { kind: 'deleted' },
      kept: { localKey, record: overlaidDeletion(sfId, row, before, at) },
    };
  });
  await dry.overlay.putRecords(
    dry.mapping.mappingId,
    deletions.flatMap(({ kept }) => kept ?? []),
  );
  return deletions.map(({ outcome }) => outcome);
}

interface Dry {
  readonly outcome: WriteOutcome;
  readonly kept?: KeyedRecord;
}

const named = (fields: readonly string[], writes: readonly Pick<RecordUpdate, 'values'>[]): string[] => [
  ...new Set([...fields, ...writes.flatMap(({ values }) => Object.keys(values))]),
];

const viewOf = (
  row: WireRecord | undefined,
  overlaid: OverlaidRecord | undefined,
  fields: readonly string[],
): WireRecord | undefined => {
  if (row !== undefined) return viewOfRow(row, overlaid);
  return overlaid !== undefined && isMadeId(overlaid.sfId) ? rowOfCreated(overlaid, fields) : undefined;
};

function written(
  dry: DryOrg,
  localKey: string,
  record: OverlaidRecord,
  row: WireRecord | undefined,
  fields: readonly string[],
  created = false,
): Dry {
  const after = must(viewOf(row, record, fields), 'what was written can be seen');
  return {
    outcome: { kind: 'written', sfId: record.sfId, created, answeredAt: orgNow(dry), after },
    kept: { localKey, record },
  };
}

async function keep(dry: DryOrg, writes: readonly Dry[]): Promise<readonly WriteOutcome[]> {
  await dry.overlay.putRecords(
    dry.mapping.mappingId,
    writes.flatMap(({ kept }) => kept ?? []),
  );
  return writes.map(({ outcome }) => outcome);
}

/** The records as they are in earnest, deleted ones too where they are asked for by id. */
async function realRows(
  { org, mapping }: DryOrg,
  where: Extract<RecordSelection['where'], { kind: 'ids' | 'external-ids' }>,
  fields: readonly string[],
): Promise<ReadonlyMap<string, WireRecord>> {
  const rows = new Map<string, WireRecord>();
  if (where.kind === 'ids' && where.ids.length === 0) return rows;
  let page = await org.select({
    sObject: mapping.sfObject,
    fields,
    where,
    includeDeleted: where.kind === 'ids',
  });
  for (;;) {
    for (const row of page.records) for (const id of idIn(row)) rows.set(id, row);
    if (page.next === undefined) return rows;
    page = await org.nextPage(page.next);
  }
}

/** In whole seconds, as Salesforce compares. */
const isLater = (stamp: unknown, than: string): boolean =>
  typeof stamp === 'string' && Math.floor(epochMs(stamp) / 1000) > Math.floor(epochMs(than) / 1000);
