import { type KnownCode, READ_ONLY_HINT, textOf } from './known-errors.ts';

/**
 * A refusal of one row. A single-row call answers with it, a collections call lists it among its results and a
 * bulk job writes it into the failed results.
 */
export class RowFailure extends Error {
  override readonly name = 'RowFailure';
  readonly statusCode: string;
  readonly fields: readonly string[];
  /** Further properties of the error in a single-row call. */
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

/** A refusal with the platform's usual text for the code. */
export const knownFailure = (code: KnownCode): RowFailure => new RowFailure(code, textOf(code));

/** A refusal as calls with many rows word it: there a missing row is an invalid reference, not a missing resource. */
export const asReference = (failure: RowFailure): RowFailure =>
  failure.statusCode === 'NOT_FOUND' ? knownFailure('INVALID_CROSS_REFERENCE_KEY') : failure;

/** The refusal of a field that a client may not write. */
export const notWritable = (name: string): RowFailure =>
  new RowFailure(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${name}. ${READ_ONLY_HINT}`,
    [name],
  );

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
