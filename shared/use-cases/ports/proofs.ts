import type { Proof } from '../../sync/proof/proof.ts';

/** What the last full sweep of each mapping has proven. */
export interface Proofs {
  get(mappingId: string): Promise<Proof | undefined>;
  /** In the place of the one before. */
  put(proof: Proof): Promise<void>;
}
