import { nowIso } from '../../../../contracts/clock.ts';
import { must } from '../../../../sync/assert.ts';
import { PROOF_SIDES, type ProofSide } from '../../../../sync/proof/canonical.ts';
import type { OpenReason } from '../../../../sync/proof/judge-pair.ts';
import {
  type BucketProof,
  type LeftOut,
  type NotWhole,
  type Proof,
  type Statement,
  statedFields,
} from '../../../../sync/proof/proof.ts';
import { epochMs } from '../../../../sync/time.ts';
import type { Staging } from '../../../ports/bulk-jobs.ts';
import type { FullSweep, SweepPlace } from '../../../ports/full-sweeps.ts';
import type { Proofs } from '../../../ports/proofs.ts';
import type { OpenMapping } from '../../open-mapping.ts';
import { readLinked } from '../../records/read-remote.ts';
import { type Comparing, type Found, keysOf, linksOf, type OpenKey } from '../compare.ts';
import {
  addEntries,
  digestOfBucket,
  digestOfDigestKey,
  entriesOf,
  PROOF_BUCKETS,
  type RowDigests,
} from './digests.ts';
import { ProofPage, type SeenPair } from './proof-page.ts';
import { type LeftEntry, StagedProof } from './staged.ts';

export interface ProofPorts {
  readonly staging: Staging;
  readonly proofs: Proofs;
  /** 32 random bytes, base64. */
  readonly newDigestKey: () => string;
}

/** Where more pairs are open than this, nothing is worth proving: they are not looked at once more. */
const MOST_OPEN = 10_000;
/** A certificate names at most so many pairs that it does not cover. */
const MOST_LEFT_OUT = 1_000;
/** What is not in step at first is looked at again at once, and the last time after a wait. */
const ROUNDS = 2;
/** So many rows are summed up before the place is stored. */
const ROWS_AT_ONCE = 20_000;
/** What is staged is deleted after a week. */
const LONGEST_MS = 6 * 24 * 3_600_000;

export interface Proving extends Comparing {
  readonly ports: Comparing['ports'] & ProofPorts;
  readonly sweep: FullSweep;
}

/** What a step came to for the proof. */
export interface Proven {
  readonly next?: SweepPlace;
  /** The next step makes sense only after a while: hints are on their way. */
  readonly waits?: true;
  readonly buckets?: readonly BucketProof[];
}

/** Keeps what a step of the comparison saw: rows of pairs in step, and the keys of the others. Counts these. */
export async function keepSeen({ ports, open, sweep }: Proving, { pairs, unproven }: Found): Promise<number> {
  const { digestKey, place } = sweep;
  if (digestKey === undefined) return 0;
  const staged = new StagedProof(ports.staging, sweep);
  const page = new ProofPage(open.mapping, digestKey);
  const seen = pairs.map(
    ({ link, record }): SeenPair => ({ localKey: link.localKey, sfId: record.sfId, link, record }),
  );
  const others = await page.addInStep({ ports }, seen);
  await page.stageRows(staged, place);
  const all = unique([...unproven, ...others.map(({ verdict: _, ...key }) => key)]);
  if ((sweep.open ?? 0) + all.length <= MOST_OPEN) await staged.addOpen(place, 0, all);
  return all.length;
}

/** Looks once more at a list of pairs that were not in step, and keeps what they are now. One call of Salesforce. */
export async function lookAgain(proving: Proving): Promise<Proven> {
  const { ports, open, sweep } = proving;
  const { place } = sweep;
  const { round = 0, after } = place;
  const staged = new StagedProof(ports.staging, sweep);
  const list = await staged.openAfter(round, after);
  if (list === undefined) return afterRound(staged, round);
  const page = new ProofPage(open.mapping, must(sweep.digestKey, 'a sweep that proves has a key'));
  for (const key of list.keys) if (key.reason !== undefined) page.leaveOut(key, key.reason);
  const others = await page.addInStep(
    { ports },
    await seenNow(
      proving,
      list.keys.filter(({ reason }) => reason === undefined),
    ),
  );
  const isLast = round + 1 === ROUNDS;
  const again = others.filter(({ verdict }) => !isLast && MAY_PASS.has(verdict));
  for (const other of others)
    if (!again.includes(other)) page.leaveOut(other, other.verdict === 'gone' ? undefined : other.verdict);
  await page.stage(staged, place);
  await staged.addOpen(
    place,
    round + 1,
    again.map(({ verdict: _, ...key }) => key),
  );
  return { next: { phase: 'open', round, after: list.name } };
}

/** What a look that is on its way may mend. */
const MAY_PASS: ReadonlySet<OpenReason | 'gone'> = new Set([
  'differs',
  'unfinished',
  'unpaired',
  'unreadable',
]);

async function afterRound(staged: StagedProof, round: number): Promise<Proven> {
  const next = round + 1;
  if (next < ROUNDS && (await staged.openAfter(next, undefined)) !== undefined)
    return { next: { phase: 'open', round: next }, waits: true };
  return { next: { phase: 'proof', bucket: 0 } };
}

/** Links and records of keys, as they are now. */
async function seenNow(proving: Proving, keys: readonly OpenKey[]): Promise<readonly SeenPair[]> {
  const nameless = keys.flatMap(({ localKey, sfId }) => (localKey === undefined ? (sfId ?? []) : []));
  const pointed = await keysOf(proving, nameless);
  const named = keys.map((key) => {
    const localKey = key.localKey ?? pointed.found.get(key.sfId ?? '');
    return localKey === undefined ? key : { ...key, localKey };
  });
  const links = await linksOf(
    proving,
    named.flatMap(({ localKey }) => localKey ?? []),
  );
  const pairs = unique(named).map(({ localKey, sfId: given }) => {
    const isDamaged = localKey !== undefined && links.unreadable.has(localKey);
    const link = localKey === undefined ? undefined : links.found.get(localKey);
    const sfId = link?.sfId ?? given;
    return {
      ...(localKey !== undefined && { localKey }),
      ...(sfId !== undefined && { sfId }),
      link: isDamaged ? ('unreadable' as const) : link,
    };
  });
  const ids = pairs.flatMap(({ sfId }) => sfId ?? []);
  const { records, unreadable } = await readLinked(proving.open, [...new Set(ids)]);
  const byId = new Map(records.map((record) => [record.sfId, record]));
  const bad = new Set(unreadable.map(({ sfId }) => sfId));
  return pairs.map((pair) => {
    const { sfId = '' } = pair;
    return { ...pair, record: bad.has(sfId) ? 'unreadable' : (byId.get(sfId) ?? 'missing') };
  });
}

const unique = (keys: readonly OpenKey[]): OpenKey[] => [
  ...new Map(
    keys.map((key) => [
      JSON.stringify([key.localKey ?? null, key.localKey === undefined ? key.sfId : null]),
      key,
    ]),
  ).values(),
];

/** Sums up buckets of both sides, without what is left out: as many as are read in a moment. */
export async function sumUp({ ports, sweep }: Pick<Proving, 'ports' | 'sweep'>): Promise<Proven> {
  const staged = new StagedProof(ports.staging, sweep);
  const left = await staged.left();
  const buckets: BucketProof[] = [];
  let { bucket = 0 } = sweep.place;
  for (let rows = 0; bucket < PROOF_BUCKETS && rows < ROWS_AT_ONCE; bucket += 1)
    for (const side of PROOF_SIDES) {
      const summed = await sumUpSide(staged, left, side, bucket);
      buckets.push(summed);
      rows += summed.rows;
    }
  return { buckets, ...(bucket < PROOF_BUCKETS && { next: { phase: 'proof', bucket } }) };
}

async function sumUpSide(
  staged: StagedProof,
  left: readonly LeftEntry[],
  side: ProofSide,
  bucket: number,
): Promise<BucketProof> {
  const rows: RowDigests = new Map();
  for await (const entries of staged.rows(side, bucket)) addEntries(rows, entries);
  for (const one of left) rows.delete(one[side]?.key ?? '');
  if (rows.size > 0) await staged.keepCovered(side, bucket, entriesOf(rows));
  return { side, bucket, rows: rows.size, digest: digestOfBucket(rows) };
}

/** The proof of a sweep that has ended. */
export async function concluded(
  { ports, open }: Pick<Proving, 'ports' | 'open'>,
  sweep: FullSweep,
): Promise<Proof | undefined> {
  const { mappingId, sweepId, startedAt: from, digestKey, buckets = [], open: notInStep = 0 } = sweep;
  if (digestKey === undefined) return undefined;
  const to = nowIso(ports.clock);
  const entries = await new StagedProof(ports.staging, sweep).left();
  const left = entries.filter((one): one is LeftOut => one.reason !== undefined);
  const [pairs = 0, records] = PROOF_SIDES.map((side) =>
    buckets.filter((one) => one.side === side).reduce((sum, { rows }) => sum + rows, 0),
  );
  const notWhole = obstacle({
    isTooMany: !isProvable(sweep) || left.length > MOST_LEFT_OUT,
    isTooLong: epochMs(to) - epochMs(from) > LONGEST_MS,
    hasMoved: buckets.length !== PROOF_SIDES.length * PROOF_BUCKETS || pairs !== records,
  });
  return {
    ...{ mappingId, sweepId, from, to, pairs, digestKey },
    open: countsOf(left),
    openBuckets: openBucketsOf(left),
    ...(!isProvable(sweep) && { tooMany: notInStep }),
    ...(notWhole === undefined
      ? { statement: JSON.stringify(stated(open, sweep, digestKey, to, left)) }
      : { notWhole }),
  };
}

/** Why nothing may be stated; of several reasons the one that others come from. */
const obstacle = (is: {
  readonly isTooMany: boolean;
  readonly isTooLong: boolean;
  readonly hasMoved: boolean;
}): NotWhole | undefined => {
  if (is.isTooMany) return 'too-many';
  if (is.isTooLong) return 'too-long';
  // The row of the record that went belongs to no pair any more that could be looked at.
  return is.hasMoved ? 'moved' : undefined;
};

const countsOf = (left: readonly LeftOut[]): Proof['open'] => {
  const counts: Partial<Record<OpenReason, number>> = {};
  for (const { reason } of left) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
};

const openBucketsOf = (left: readonly LeftOut[]): Proof['openBuckets'] =>
  PROOF_SIDES.flatMap((side) =>
    Array.from({ length: PROOF_BUCKETS }, (_, bucket) => ({
      ...{ side, bucket },
      open: countsOf(left.filter((one) => one[side]?.bucket === bucket)),
    })).filter(({ open }) => Object.keys(open).length > 0),
  );

const stated = (
  { mapping, state }: OpenMapping,
  { mappingId, sweepId, startedAt: from, buckets = [] }: FullSweep,
  digestKey: string,
  to: string,
  leftOut: readonly LeftOut[],
): Statement => {
  const { sfObject: sObject, localTable, keyField, tenantField, tenantId, filter } = mapping;
  return {
    form: 'salesforce-sync-certificate-1',
    ...{ mappingId, sObject, localTable, keyField },
    ...(tenantField !== undefined && { tenant: { attribute: tenantField, value: tenantId } }),
    ...(filter !== undefined && { filter }),
    revision: state.revision?.revision ?? 0,
    ...{ sweepId, from, to },
    ...statedFields(mapping),
    digestKeySha256: digestOfDigestKey(digestKey),
    buckets,
    leftOut,
  };
};

/** Whether a sweep goes on to prove anything. */
export const isProvable = ({ digestKey, open = 0 }: FullSweep): boolean =>
  digestKey !== undefined && open <= MOST_OPEN;
