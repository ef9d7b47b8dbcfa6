import { STAGED } from '../../contracts/staging.ts';
import { isProven, NOT_WHOLE, type Proof } from '../../sync/proof/proof.ts';
import type { CertificateSigner, Signed } from '../ports/certificate-signer.ts';
import type { Proofs } from '../ports/proofs.ts';
import { OperationRefused } from './errors.ts';

export interface ProofOperationsPorts {
  readonly proofs: Pick<Proofs, 'get'>;
  readonly signer: CertificateSigner;
}

interface OfMapping {
  readonly mappingId: string;
}

/** What the last full sweep of a mapping has proven. */
export type ShownProof = Omit<Proof, 'statement' | 'digestKey'> & {
  readonly isProven: boolean;
  /** Whether `certificate` gives one. */
  readonly hasCertificate: boolean;
};

/** Whether a mapping is proven in step, since when, or which pairs are not and why; nothing before its first full sweep. */
export const showProof = async (
  { proofs }: Pick<ProofOperationsPorts, 'proofs'>,
  { mappingId }: OfMapping,
): Promise<{ readonly proof?: ShownProof }> => {
  const proof = await proofs.get(mappingId);
  if (!proof) return {};
  const { statement, digestKey: _, ...shown } = proof;
  return { proof: { ...shown, isProven: isProven(proof), hasCertificate: statement !== undefined } };
};

/** Nothing is known of a proof that was stored before reasons were. */
const because = ({ notWhole }: Proof): string => (notWhole === undefined ? '' : `: ${NOT_WHOLE[notWhole]}`);

export interface Certificate extends Signed {
  /** JSON, as it was signed: to be kept to the letter. */
  readonly statement: string;
}

/**
 * The statement of the last full sweep, signed, and the key under which its rows are digested: for whoever has the exports
 * to check it with. To be kept apart from the certificate.
 *
 * @throws OperationRefused where there is nothing to sign
 */
export const signCertificate = async (
  { proofs, signer }: ProofOperationsPorts,
  { mappingId }: OfMapping,
): Promise<{
  readonly certificate: Certificate;
  readonly digestKey: string;
  readonly coveredRows: string;
}> => {
  const proof = await proofs.get(mappingId);
  if (proof?.statement === undefined)
    throw new OperationRefused(
      'NO_PROOF',
      proof === undefined
        ? 'The mapping was never swept in full: begin with `full-sweep`.'
        : `The last full sweep has made no certificate${because(proof)}. See \`proof\`, and begin another one with \`full-sweep\`.`,
    );
  const { statement, digestKey, sweepId } = proof;
  return {
    certificate: { statement, ...(await signer.sign(statement)) },
    digestKey,
    coveredRows: `${STAGED.proofs}${mappingId}/${sweepId}/covered/`,
  };
};
