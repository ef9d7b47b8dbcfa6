import type { Code } from '../../contracts/codes.ts';
import type { SweepHint } from '../../contracts/hints.ts';
import { fieldsToRead } from '../../sync/mapping/decode.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { RemoteRecord } from '../../sync/model/record.ts';
import { isAfter } from '../../sync/time.ts';
import { nextSweepFrom } from '../../sync/watermark/watermark.ts';
import type { MappingPass, MappingStates, PassBasis, PassCursor } from '../ports/mapping-states.ts';
import type { RecordPage, RecordSelection } from '../ports/salesforce-org.ts';
import { PageRepeated } from './errors.ts';
import type { OpenMapping } from './open-mapping.ts';

/** The trouble of a mapping whose load Salesforce takes for no bulk job: the first pass reads row by row. */
export const BULK_REFUSED = 'BULK_REFUSED' satisfies Code;

/** A pass as it is carried on. */
export interface Underway {
  readonly pass: Omit<MappingPass, 'cursor'>;
  /** What the store must still have of it. */
  readonly basis: PassBasis;
  /** When this query was begun, by Salesforce's clock (ISO 8601). */
  readonly queriedAt: string;
}

/** The pass that is under way, or the one that this hint begins with the page. */
export const underwayOf = (
  { state }: OpenMapping,
  { runId }: SweepHint,
  { readAt }: RecordPage,
): Underway => {
  const since = state.watermark && nextSweepFrom(state.watermark);
  const begun = { passId: runId, startedAt: readAt, ...(since !== undefined && { since }) };
  return { pass: state.pass ?? begun, basis: state, queriedAt: readAt };
};

/** Whether the pass reads everything, and not only what changed. */
export const isWhole = ({ pass, watermark }: OpenMapping['state']): boolean =>
  (pass ? pass.since : watermark) === undefined;

/** A pass that begins now and reads what changed: neither one that was interrupted, nor a first one, nor a rehearsed one. */
export const isOrdinary = ({ pass, watermark, rehearsal }: OpenMapping['state']): boolean =>
  pass === undefined && watermark !== undefined && rehearsal === undefined;

/** What the pass still has to read, in the order of the records' stamps. */
export const selectionOf = ({ mapping, state }: OpenMapping): RecordSelection => {
  const { pass, watermark } = state;
  const since = pass ? pass.since : watermark && nextSweepFrom(watermark);
  return sweepSelection(mapping, since, pass?.cursor);
};

/**
 * What a pass over the mapping reads. One over everything reads what meets the filter, and what lives. A later one reads
 * all that changed: a linked record is followed whatever the filter says of it, and deletions count as changes.
 */
export const sweepSelection = (
  mapping: Mapping,
  since: string | undefined,
  after?: PassCursor,
): RecordSelection => ({
  sObject: mapping.sfObject,
  fields: fieldsToRead(mapping),
  where: { kind: 'changed-since', ...(since !== undefined && { since }), ...(after && { after }) },
  ...(since === undefined && mapping.filter !== undefined ? { filter: mapping.filter } : {}),
  includeDeleted: since !== undefined,
  ...(mapping.tracking && { tracking: mapping.tracking }),
});

/**
 * Remembers that these rows were dealt with. A row that was changed since the query began stands out of its order, so
 * only the others tell how far the pass has come.
 *
 * @returns undefined if somebody else has moved the pass
 * @throws PageRepeated when the rows do not come after those before
 */
export const advance = async (
  mappingStates: Pick<MappingStates, 'advancePass'>,
  underway: Underway,
  rows: readonly RemoteRecord[],
): Promise<Underway | undefined> => {
  const { pass, basis, queriedAt } = underway;
  const last = rows.findLast(({ systemModstamp }) => isAfter(queriedAt, systemModstamp));
  if (!last) return underway;
  const cursor = { modstamp: last.systemModstamp, sfId: last.sfId };
  const before = basis.pass?.cursor;
  if (before && !isAfterCursor(cursor, before)) throw new PageRepeated();
  const moved: MappingPass = { ...pass, cursor };
  if (!(await mappingStates.advancePass(basis, moved))) return undefined;
  return { ...underway, basis: { ...basis, pass: moved } };
};

const isAfterCursor = (a: PassCursor, b: PassCursor): boolean =>
  a.modstamp === b.modstamp ? a.sfId > b.sfId : a.modstamp > b.modstamp;

/**
 * Where the next sweep begins. A pass over everything reads only what meets the filter; records that are linked and no
 * longer meet it are followed from where the last sweep came to.
 */
export const nextWatermark = (
  { mapping, state }: OpenMapping,
  { since, startedAt }: Pick<MappingPass, 'since' | 'startedAt'>,
): string =>
  since === undefined && mapping.filter !== undefined ? (state.followedUntil ?? startedAt) : startedAt;
