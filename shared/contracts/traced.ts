/** By what an answer of Salesforce is found again. */
export interface Traced {
  /** What Salesforce's support asks for; absent where the answer had none. */
  readonly requestId?: string;
}

/** That part of an outcome alone. */
export const traceOf = ({ requestId }: { readonly requestId?: string | undefined }): Traced =>
  requestId === undefined ? {} : { requestId };
