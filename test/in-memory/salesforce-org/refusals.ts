import type { DuplicatesOfRefused } from '../../../shared/use-cases/ports/salesforce-org.ts';

/** A whole request that the org refuses, in the terms of the wire; the product's own client makes the error of it. */
export class RequestRefusal extends Error {
  override readonly name = 'RequestRefusal';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** One record that the org refuses, in the terms of the wire. */
export interface RowRefusal {
  readonly code: string;
  readonly message: string;
  readonly fields?: readonly string[];
  /** Of a duplicate rule; one that only warns lets a write pass that allows duplicates. */
  readonly duplicates?: DuplicatesOfRefused;
}

/** The same, thrown. */
export class RefusedRow extends Error {
  override readonly name = 'RefusedRow';
  readonly refusal: RowRefusal;

  constructor(refusal: RowRefusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** A value that cannot be read as its field's type: a refusal of the whole request over REST, of the row in a CSV. */
export class UnreadableValue extends Error {
  override readonly name = 'UnreadableValue';
  readonly fieldName: string;

  constructor(fieldName: string) {
    super(`Cannot deserialize the value of ${fieldName}`);
    this.fieldName = fieldName;
  }
}

/** What is not there: a job, or an sObject to describe. */
export const notFound = (): RequestRefusal =>
  new RequestRefusal(404, 'NOT_FOUND', 'The requested resource does not exist');

/** A step that a bulk job's state does not allow. */
export const wrongState = (message: string): RequestRefusal =>
  new RequestRefusal(400, 'INVALIDJOBSTATE', message);

export const unknownSObject = (sObject: string): RequestRefusal =>
  new RequestRefusal(400, 'INVALID_TYPE', `sObject type '${sObject}' is not supported.`);

export const unknownField = (name: string): RequestRefusal =>
  new RequestRefusal(400, 'INVALID_FIELD', `No such column '${name}' on entity 'Contact'.`);
