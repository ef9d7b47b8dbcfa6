/** Where full sweeps keep what they have of their proofs, in the staging bucket. */
export const PROOFS_PREFIX = 'proofs/';
