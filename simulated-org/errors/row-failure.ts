/**
 * A refusal of one row. A single-row call answers with it, a collections call lists it among its results and a
 * bulk job writes it into the failed results.
 */
export class RowFailure extends Error {
  override readonly name = 'RowFailure';
  readonly statusCode: string;
  readonly fields: readonly string[];
  /** What the error of a single-row call has beside its code and message. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    statusCode: string,
    message: string,
    fields: readonly string[] = [],
    details?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.statusCode = statusCode;
    this.fields = fields;
    this.details = details;
  }
}

/** A value that cannot be read as its field's type; REST refuses the whole request for it, bulk only the row. */
export class UnreadableValue extends Error {
  override readonly name = 'UnreadableValue';
  readonly fieldName: string;
  /** The type as the platform's parser calls it, such as `date`. */
  readonly wanted: string;
  /** The value as it came; always text in a CSV. */
  readonly found: unknown;

  constructor(fieldName: string, wanted: string, found: unknown) {
    super(`Cannot read a value as ${wanted}`);
    this.fieldName = fieldName;
    this.wanted = wanted;
    this.found = found;
  }
}

/** Several rows have the external id of an upsert. */
export class AmbiguousExternalId extends Error {
  override readonly name = 'AmbiguousExternalId';
}
