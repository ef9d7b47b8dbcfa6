import type { KeyObject } from 'node:crypto';
import { fromLocal } from '../../../shared/sync/mapping/values.ts';
import type { FieldMapping } from '../../../shared/sync/model/mapping.ts';
import type { FieldType, FieldValue } from '../../../shared/sync/model/values.ts';
import {
  canonicalRow,
  canonicalText,
  PROOF_SIDES,
  type ProofSide,
} from '../../../shared/sync/proof/canonical.ts';
import type { Statement } from '../../../shared/sync/proof/proof.ts';
import {
  addEntries,
  digestKeyOf,
  digestOfBucket,
  digestOfKey,
  proofBucketOf,
  type RowDigests,
  rowEntry,
} from '../../../shared/use-cases/reconciliation/full-sweep/proof/digests.ts';
import { CONNECTIONS } from '../world/configs.ts';
import { traced, tracedAt } from '../world/traced-values.ts';
import type { World } from '../world/world.ts';
import type { Violation } from './violation.ts';

/** A pair, whether or not it stands. */
export interface PairNames {
  readonly mappingId: string;
  readonly localKey: string;
  /** Empty where it has no record. */
  readonly sfId: string;
}

/** A pair as it stands, with what stands for it in a certificate. */
interface Standing extends PairNames {
  readonly local: Readonly<Record<string, FieldValue>>;
  readonly remote: Readonly<Record<string, FieldValue>>;
}

/** Connections whose pairs nothing but their own looks changes: those that share a tenant change each other's. */
export const ALONE = CONNECTIONS.filter(
  ({ tenant }) => CONNECTIONS.filter((other) => other.tenant === tenant).length === 1,
);

/**
 * At rest, what a full sweep has proven is so: what its certificate covers agrees, its digests are those of the sides as
 * they stand, and nothing is left out as different that is not.
 *
 * @param isAsked - of a pair that is not, and of its rows' buckets, nothing is asked
 */
export const falseProofs = (
  world: World,
  connections: readonly (typeof CONNECTIONS)[number][] = CONNECTIONS,
  isAsked: (pair: PairNames) => boolean = () => true,
): Violation[] =>
  connections
    .filter(({ connectionId }) => world.connections.stored.has(connectionId))
    .flatMap(({ connectionId }) =>
      Object.keys(world.config.mappings).map((name) => `${connectionId}.${name}`),
    )
    .filter((mappingId) => !mappingId.endsWith('.account'))
    .flatMap((mappingId) =>
      problemsOf(world, mappingId, isAsked).map(
        (text): Violation => ({ oracle: 'proof', text: `${mappingId}: ${text}` }),
      ),
    );

function problemsOf(world: World, mappingId: string, isAsked: (pair: PairNames) => boolean): string[] {
  const proof = world.proofs.proofs.get(mappingId);
  if (proof?.statement === undefined) return ['nothing is proven'];
  if (proof.sweepId !== world.fullSweeps.sweeps.get(mappingId)?.sweepId)
    return ['the last full sweep has proven nothing'];
  const statement = JSON.parse(proof.statement) as Statement;
  const digestKey = digestKeyOf(proof.digestKey);
  const leftOut = new Map(statement.leftOut.map(({ local, reason }) => [local?.key, reason]));
  const reasonOf = ({ localKey }: Standing) => leftOut.get(digestOfKey(digestKey, 'local', localKey));
  const pairs = standing(world, mappingId, statement);
  const asked = pairs.filter(isAsked);
  const covered = pairs.filter((pair) => reasonOf(pair) === undefined);
  // Of those that stand no more too: their rows are covered where they went after they were seen.
  const others = linked(world, mappingId).filter((pair) => !isAsked(pair));
  return [
    ...covered
      .filter((pair) => asked.includes(pair))
      .filter((pair) => !agrees(statement, pair))
      .map(({ localKey }) => `${localKey} is proven, and differs`),
    ...asked
      .filter((pair) => reasonOf(pair) === 'differs' && agrees(statement, pair))
      .map(({ localKey }) => `${localKey} is said to differ, and does not`),
    ...wrongBuckets(statement, digestKey, covered, others),
  ];
}

const linked = ({ syncStore }: World, mappingId: string): PairNames[] =>
  [...syncStore.storedLinks.values()]
    .filter((link) => link.mappingId === mappingId)
    .map(({ localKey, sfId = '' }) => ({ mappingId, localKey, sfId }));

function standing({ syncStore, orgs }: World, mappingId: string, { fields }: Statement): Standing[] {
  return [...syncStore.storedLinks.values()].flatMap((link) => {
    const { localKey, sfId = '' } = link;
    if (link.mappingId !== mappingId || link.state !== 'linked') return [];
    const record = orgs.get(mappingId.split('.')[0] ?? '')?.records.get(sfId);
    const attributes = syncStore.tables.get('contacts', localKey);
    if (!record || !attributes) return [];
    return [
      {
        ...{ mappingId, localKey, sfId },
        local: valuesOf(fields, ({ attribute }) => tracedAt(attributes, attribute)),
        remote: valuesOf(fields, ({ field }) => traced(record.fields[field])),
      },
    ];
  });
}

const valuesOf = (fields: Statement['fields'], raw: (field: Statement['fields'][number]) => unknown) =>
  Object.fromEntries(fields.map((field) => [field.attribute, canonicalOf(field.type, raw(field))]));

const canonicalOf = (type: FieldType, raw: unknown): FieldValue => {
  // Of a number its digits, which are canonical as they are.
  if (type === 'number') return (raw ?? null) as FieldValue;
  const read = fromLocal(type, raw);
  return 'ok' in read ? read.ok : null;
};

const keyOn = (side: ProofSide, { localKey, sfId }: PairNames): string =>
  side === 'local' ? localKey : sfId;

const agrees = ({ fields }: Statement, { local, remote }: Standing): boolean =>
  fields.every(
    ({ attribute, type }) =>
      canonicalText(type, local[attribute] ?? null) === canonicalText(type, remote[attribute] ?? null),
  );

function wrongBuckets(
  { fields, buckets }: Statement,
  digestKey: KeyObject,
  covered: readonly Standing[],
  others: readonly PairNames[],
): string[] {
  const columns = fields.map(({ attribute, type }) => ({ localField: attribute, type }) as FieldMapping);
  const rowsOf = (side: ProofSide, bucket: number): RowDigests => {
    const rows: RowDigests = new Map();
    for (const { localKey, sfId, local, remote } of covered) {
      const [key, values] = side === 'local' ? [localKey, local] : [sfId, remote];
      if (proofBucketOf(key) === bucket)
        addEntries(rows, rowEntry(digestKey, side, key, canonicalRow(side, key, columns, values)));
    }
    return rows;
  };
  const counted = PROOF_SIDES.flatMap((side) => buckets.filter((one) => one.side === side)).length;
  return [
    ...(counted === 2 * 16 ? [] : [`${counted} buckets are summed up`]),
    ...buckets
      .filter(({ side, bucket }) => !others.some((pair) => proofBucketOf(keyOn(side, pair)) === bucket))
      .filter(({ side, bucket, digest }) => digestOfBucket(rowsOf(side, bucket)) !== digest)
      .map(({ side, bucket }) => `the digest of ${side}, bucket ${bucket}, is not that of its rows`),
  ];
}
