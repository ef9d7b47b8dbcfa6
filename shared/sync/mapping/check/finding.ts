import type { FindingCode } from '../../../contracts/codes.ts';

/**
 * What becomes of the mapping: it `stops`; or only its `field` is meant, which `onDrift` decides about; or nothing, and a
 * person should know (`notice`).
 */
export type FindingWeight = 'stops' | 'field' | 'notice';

/** One thing that a check has to say. It holds names of the config and of the org, and no value of a record. */
export interface Finding {
  readonly code: FindingCode;
  readonly weight: FindingWeight;
  /** The place in the config, such as `mappings.contact.fieldMap.title`. */
  readonly where: string;
  /** The local attribute, where it is about one. */
  readonly attribute?: string;
  /** What is wrong, and what to do about it. */
  readonly says: string;
}

/** One sentence of it, with the place in front. */
export const sentenceOf = ({ where, says }: Finding): string => `${where}: ${says}`;
