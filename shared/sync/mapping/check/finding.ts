import type { Code } from '../../../contracts/codes.ts';

/** What a check may find, as the catalogue of codes explains it. */
export type FindingCode = Extract<
  Code,
  | 'OBJECT_NOT_SEEN'
  | 'OBJECT_NOT_USABLE'
  | 'OBJECT_NOT_FOLLOWED'
  | 'OBJECT_ONLY_READ'
  | 'DELETIONS_NOT_SEEN'
  | 'STAMP_MISSES_CHANGES'
  | 'CHANGED_BY_NOT_SEEN'
  | 'KEY_FIELD_UNUSABLE'
  | 'FIELD_NOT_SEEN'
  | 'FIELD_TYPE_UNSUPPORTED'
  | 'FIELD_NOT_WRITABLE'
  | 'FIELD_MASKED'
  | 'FIELD_RESERVED'
  | 'FIELD_REQUIRED'
  | 'FIELD_RESTRICTED'
  | 'FIELD_OPTION_UNUSABLE'
  | 'REFERENCE_UNUSABLE'
  | 'NO_FIELD_LEFT'
  | 'MATCH_UNUSABLE'
  | 'RECORD_TYPE_UNUSABLE'
  | 'CONSTANT_UNUSABLE'
  | 'FILTER_FIELD_NOT_SEEN'
  | 'FILTER_FIELD_UNUSABLE'
  | 'FILTER_PATH_UNCHECKED'
  | 'RECORD_TYPE_BY_DEFAULT'
  | 'PERSON_ACCOUNTS'
>;

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
