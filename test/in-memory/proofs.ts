import type { Proof } from '../../shared/sync/proof/proof.ts';
import type { Proofs } from '../../shared/use-cases/ports/proofs.ts';

/** Proofs in memory. */
export class InMemoryProofs implements Proofs {
  readonly proofs = new Map<string, Proof>();

  async get(mappingId: string): Promise<Proof | undefined> {
    return structuredClone(this.proofs.get(mappingId));
  }

  async put(proof: Proof): Promise<void> {
    this.proofs.set(proof.mappingId, structuredClone(proof));
  }
}
