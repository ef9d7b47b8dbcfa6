/**
 * How the keys of objects in the staging bucket begin, by what they are part of. The CSV of bulk jobs has none of these:
 * its keys begin with the id of its job.
 */
export const STAGED = {
  /** What full sweeps have of their proofs. */
  proofs: 'proofs/',
  /** Plans until they are applied. */
  plans: 'plans/',
} as const;
