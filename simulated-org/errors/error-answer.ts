import type { Answer } from '../http/messages.ts';
import { JsonNumber } from '../store/decimals.ts';
import { ApiError, knownRefusal } from './api-error.ts';
import { codeOf, rowStatus } from './known-errors.ts';
import { AmbiguousExternalId, RowFailure, UnreadableValue } from './row-failure.ts';

/** The answer of a handler, or of its refusal; any other error is a bug of the simulator and is thrown on. */
export function attempt(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    return toAnswer(error);
  }
}

function toAnswer(error: unknown): Answer {
  if (error instanceof ApiError) return error.toAnswer();
  if (error instanceof RowFailure) {
    const { statusCode, message, details } = error;
    const fields = namesNoFields(error) ? undefined : error.fields;
    return new ApiError(rowStatus(statusCode), statusCode, message, fields, details).toAnswer();
  }
  if (error instanceof UnreadableValue) {
    const message = `Cannot deserialize instance of ${error.wanted} from ${jsonToken(error.found)} or request may be missing a required field`;
    return new ApiError(400, 'JSON_PARSER_ERROR', message).toAnswer();
  }
  if (error instanceof AmbiguousExternalId) return knownRefusal('DUPLICATE_EXTERNAL_ID').toAnswer();
  throw error;
}

/** A value as the platform's JSON parser names it: the kind of token, and its text. */
function jsonToken(value: unknown): string {
  if (Array.isArray(value)) return 'START_ARRAY value [';
  if (value instanceof JsonNumber)
    return `${/^-?\d+$/.test(value.source) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT'} value ${value.source}`;
  if (typeof value === 'object') return 'START_OBJECT value {';
  if (typeof value === 'boolean') return value ? 'VALUE_TRUE value true' : 'VALUE_FALSE value false';
  if (typeof value !== 'number') return `VALUE_STRING value ${value}`;
  return `${Number.isInteger(value) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT'} value ${value}`;
}

/** Errors that come without a list of fields on the wire. */
function namesNoFields({ statusCode, message }: RowFailure): boolean {
  const code = codeOf(statusCode);
  const isUnknownField = code === 'INVALID_FIELD' && message.startsWith('No such column');
  return isUnknownField || code === 'NOT_FOUND' || code === 'DUPLICATES_DETECTED';
}
