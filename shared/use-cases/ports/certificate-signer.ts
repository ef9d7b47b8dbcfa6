/** A signature, and what it is verified with. */
export interface Signed {
  /** As KMS names it. */
  readonly algorithm: string;
  readonly keyArn: string;
  /** Base64. */
  readonly signature: string;
  /** PEM. */
  readonly publicKey: string;
}

export interface CertificateSigner {
  /** Signs the SHA-256 of the text's UTF-8 bytes. */
  sign(text: string): Promise<Signed>;
}
