import type { Clock } from '../../contracts/clock.ts';
import { nowIso } from '../../contracts/clock.ts';
import type { WireRecord } from '../../contracts/salesforce.ts';
import { parseId } from '../../contracts/salesforce-id.ts';
import { isoOf } from '../../contracts/time.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { OverlaidPair, OverlaidRecord } from '../../sync/rehearsal/overlaid.ts';
import { rowOfCreated, viewOfRow } from '../../sync/rehearsal/overlaid-record.ts';
import type { Overlay } from '../ports/overlay.ts';
import type { RecordPage, RecordSelection, SalesforceOrg } from '../ports/salesforce-org.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import { isMadeId } from './made-id.ts';

/** A mapping's org, with what lies over it. */
export interface DryOrg {
  readonly mapping: Mapping;
  readonly org: SalesforceOrg;
  readonly overlay: Overlay;
  readonly store: Pick<SyncStore, 'localKeysOf'>;
  readonly clock: Clock;
  /** The local keys of records that this look writes, by Salesforce id. */
  readonly announced: ReadonlyMap<string, string>;
}

/** Salesforce's time, as far as we know it. */
export const orgNow = ({ clock, org }: Pick<DryOrg, 'clock' | 'org'>): string =>
  isoOf(Date.parse(nowIso(clock)) + org.clockSkewMs());

/** As `SalesforceOrg.select`, with what is overlaid. Costs no call where only records that were never made are asked for. */
export async function drySelect(dry: DryOrg, selection: RecordSelection): Promise<RecordPage> {
  const { where } = selection;
  const made = where.kind === 'ids' ? where.ids.filter(isMadeId) : [];
  const real = where.kind === 'ids' ? where.ids.filter((one) => !isMadeId(one)) : [];
  const isAllMade = where.kind === 'ids' && real.length === 0;
  const asked = made.length > 0 ? { ...selection, where: { kind: 'ids' as const, ids: real } } : selection;
  const page = isAllMade ? { records: [], readAt: orgNow(dry) } : await dry.org.select(asked);
  const viewed = await viewOfPage(dry, page, selection);
  const added = await madeRows(dry, selection, made);
  return { ...viewed, records: [...viewed.records, ...added] };
}

/** As `SalesforceOrg.nextPage`, with what is overlaid. */
export const dryNextPage = async (dry: DryOrg, next: string): Promise<RecordPage> =>
  viewOfPage(dry, await dry.org.nextPage(next), { includeDeleted: true });

/** A page as it would be: without what would be deleted, where deleted rows are not wanted. */
async function viewOfPage(
  dry: DryOrg,
  page: RecordPage,
  { includeDeleted }: Pick<RecordSelection, 'includeDeleted'>,
): Promise<RecordPage> {
  const overlaid = await recordsOf(dry, page.records.flatMap(idIn));
  if (overlaid.size === 0) return page;
  const records = page.records.map((row) => viewOfRow(row, overlaid.get(idIn(row)[0] ?? '')));
  const isWanted = (row: WireRecord, index: number): boolean =>
    includeDeleted === true || row.IsDeleted !== true || page.records[index]?.IsDeleted === true;
  return { ...page, records: records.filter(isWanted) };
}

export const idIn = ({ Id }: WireRecord): string[] => {
  const id = typeof Id === 'string' ? parseId(Id) : undefined;
  return id === undefined ? [] : [id];
};

/** The local keys of records, of those that have one. */
export async function keysOf(dry: DryOrg, sfIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const unknown = sfIds.filter((sfId) => !dry.announced.has(sfId));
  const stored = unknown.length > 0 ? await dry.store.localKeysOf(dry.mapping.mappingId, unknown) : new Map();
  return new Map([
    ...stored,
    ...sfIds.flatMap((sfId) => {
      const key = dry.announced.get(sfId);
      return key === undefined ? [] : [[sfId, key] as const];
    }),
  ]);
}

/** What is overlaid of records, by Salesforce id. */
export async function recordsOf(
  dry: DryOrg,
  sfIds: readonly string[],
): Promise<ReadonlyMap<string, OverlaidRecord>> {
  const keys = [...new Set((await keysOf(dry, sfIds)).values())];
  if (keys.length === 0) return new Map();
  const pairs = await dry.overlay.pairs(dry.mapping.mappingId, keys);
  return new Map(
    [...pairs.values()].flatMap(({ records }) => records.map((one) => [one.sfId, one] as const)),
  );
}

/** Rows of records that would have been made, of those that the selection asks for. */
async function madeRows(
  dry: DryOrg,
  { where, fields, includeDeleted }: RecordSelection,
  madeIds: readonly string[],
): Promise<readonly WireRecord[]> {
  const found =
    where.kind === 'external-ids'
      ? await madeByKey(dry, where.values)
      : [...(await recordsOf(dry, madeIds)).values()].filter(({ sfId }) => madeIds.includes(sfId));
  return found
    .filter(({ kind }) => kind !== 'deleted' || includeDeleted === true)
    .map((one) => rowOfCreated(one, fields));
}

/** Of each key the last record that would have been made for it. */
async function madeByKey(dry: DryOrg, keys: readonly string[]): Promise<OverlaidRecord[]> {
  if (keys.length === 0) return [];
  const pairs = await dry.overlay.pairs(dry.mapping.mappingId, keys);
  return [...pairs.values()].flatMap((pair) => lastMade(pair) ?? []);
}

/** The last record that would have been made for a key, whether or not it would have been deleted since. */
export const lastMade = (pair: OverlaidPair | undefined): OverlaidRecord | undefined =>
  pair?.records.findLast(({ sfId }) => isMadeId(sfId));
