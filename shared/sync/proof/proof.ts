import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { FieldType } from '../model/values.ts';
import { coveredFields, type ProofSide, type Uncovered, uncoveredBecause } from './canonical.ts';
import type { OpenReason } from './judge-pair.ts';

/** The rows of one side whose keys fall into one bucket. */
export interface BucketProof {
  readonly side: ProofSide;
  readonly bucket: number;
  /** How many are covered. */
  readonly rows: number;
  /** SHA-256 over their sorted digests, hex. */
  readonly digest: string;
}

/** What is not proven of a pair; either side is absent where there is none. Keys stand as digests (hex of 16 bytes). */
export interface LeftOut {
  readonly reason: OpenReason;
  readonly local?: { readonly bucket: number; readonly key: string };
  readonly salesforce?: { readonly bucket: number; readonly key: string };
}

/** A field as a verifier has to read it. */
export interface StatedField {
  readonly attribute: string;
  readonly field: string;
  readonly type: FieldType;
}

/** What a certificate says, in the order in which it is written. Times are ISO 8601, UTC. */
export interface Statement {
  readonly form: 'salesforce-sync-certificate-1';
  readonly mappingId: string;
  readonly sObject: string;
  /** As the sync config names it. */
  readonly localTable: string;
  readonly keyField: string;
  /** Which items of the table are meant, where tenants share it. */
  readonly tenant?: { readonly attribute: string; readonly value: string };
  /** In SOQL: which records come in. */
  readonly filter?: string;
  /** Counts the mapping's changes. */
  readonly revision: number;
  readonly sweepId: string;
  /** Pairs that nobody has touched since then are covered. */
  readonly from: string;
  readonly to: string;
  readonly fields: readonly StatedField[];
  readonly notCovered: readonly { readonly attribute: string; readonly because: Uncovered }[];
  /** SHA-256 of the key under which rows are digested, hex. */
  readonly digestKeySha256: string;
  readonly buckets: readonly BucketProof[];
  readonly leftOut: readonly LeftOut[];
}

/** How many pairs are not proven, by reason. */
export type OpenCounts = Readonly<Partial<Record<OpenReason, number>>>;

/** Where a certificate's reader has to look. */
export interface OpenBucket extends Pick<BucketProof, 'side' | 'bucket'> {
  readonly open: OpenCounts;
}

/** Why a sweep that came to its end has made no statement, each with what it means. */
export const NOT_WHOLE = {
  'too-many': 'too many pairs were not in step',
  'too-long': 'the sweep took longer than six days',
  moved: 'a pair went over to another record while the sweep ran, by a merge for example',
} as const;
export type NotWhole = keyof typeof NOT_WHOLE;

/** The proof that the last full sweep came to. */
export interface Proof {
  readonly mappingId: string;
  readonly sweepId: string;
  readonly from: string;
  readonly to: string;
  /** Pairs that are proven. */
  readonly pairs: number;
  /** How many are not, by reason; empty where all is in step. */
  readonly open: OpenCounts;
  /** The buckets in which a pair is not proven, and why. */
  readonly openBuckets: readonly OpenBucket[];
  /** So many pairs were not in step when they were compared that nothing was summed up. */
  readonly tooMany?: number;
  /** Why there is no statement. */
  readonly notWhole?: NotWhole;
  /** The statement as it is signed, JSON. */
  readonly statement?: string;
  /** Under which rows are digested: 32 bytes, base64. Who has it and the certificate can try values. */
  readonly digestKey: string;
}

/** Differs for another reason than that its record has left the filter, which is as it should be. */
export const isProven = ({ open, statement }: Pick<Proof, 'open' | 'statement'>): boolean =>
  statement !== undefined && Object.keys(open).every((reason) => reason === 'outside-filter');

/** How a mapping's fields stand in a statement. */
export const statedFields = (mapping: Pick<Mapping, 'fields'>): Pick<Statement, 'fields' | 'notCovered'> => ({
  fields: coveredFields(mapping).map(({ localField, sfField, type }) => ({
    attribute: localField,
    field: sfField,
    type,
  })),
  notCovered: mapping.fields.flatMap((field: FieldMapping) => {
    const because = uncoveredBecause(field);
    return because === undefined ? [] : [{ attribute: field.localField, because }];
  }),
});
