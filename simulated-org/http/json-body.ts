import { ApiError } from '../errors/api-error.ts';
import { parseWithDigits } from '../store/decimals.ts';
import { isRecord, type Request } from './messages.ts';

/**
 * Reads a request's JSON body.
 *
 * @throws ApiError `JSON_PARSER_ERROR` unless it is one JSON object
 */
export function readJsonObject(request: Request): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseWithDigits(request.body.toString('utf8'));
  } catch {
    throw new ApiError(
      400,
      'JSON_PARSER_ERROR',
      'The HTTP entity body is required, but this HTTP request has no entity body or it is no JSON.',
    );
  }
  if (!isRecord(value))
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'Unexpected value: an object is required');
  return value;
}
