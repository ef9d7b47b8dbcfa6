import { ExpectedFailure } from '../tools/expected-failure.mjs';

/** How the command is called, as its messages show it. */
export const OPERATE_USAGE = `npm run operate -- '{"action":"connections","orgId":"acme"}' [--stack NAME]`;

/**
 * Reads the one operation, a JSON object. Which operations there are, and whether this one is well formed, the
 * function itself says.
 *
 * @throws ExpectedFailure with the usage unless there is exactly one JSON object
 */
export function readOperation(operands: readonly string[]): object {
  const operation = operands.length === 1 ? parsed(operands[0] ?? '') : undefined;
  if (typeof operation === 'object' && operation !== null && !Array.isArray(operation)) return operation;
  throw new ExpectedFailure(`Give one operation as a JSON object in single quotes: ${OPERATE_USAGE}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
