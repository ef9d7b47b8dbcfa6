import * as z from 'zod/mini';
import { readRefusalText, readText } from './bodies.ts';
import { SalesforceApiError } from './errors.ts';
import type { SalesforceResponse, Transport } from './transport.ts';

/** A few thousand addresses; whoever has more twins than that does not need them listed. */
const MAX_CHOICES_BYTES = 1024 * 1024;

/** An external id led to several records; nothing was read or written. */
export class MultipleChoicesError extends SalesforceApiError {
  /** Paths of the records, such as `/services/data/v59.0/sobjects/Contact/003…`; empty where the answer had none. */
  readonly recordUrls: readonly string[];

  constructor(operation: string, recordUrls: readonly string[], requestId?: string) {
    super({
      code: 'MULTIPLE_CHOICES',
      next: { do: 'stop' },
      message: `Several records have the external id of ${operation}: make the field unique, or merge them.`,
      status: 300,
      ...(requestId === undefined ? {} : { requestId }),
    });
    this.recordUrls = recordUrls;
  }
}

/** What a duplicate rule found. */
export interface FoundDuplicates {
  /** The rule only warns: the same write with `duplicateRule: { allowSave: true }` is let through. */
  readonly allowSave: boolean;
  /** The rule's API name. */
  readonly rule?: string;
  /** Ids of the records that match; empty unless the request asked for record details or the org tells them anyway. */
  readonly recordIds: readonly string[];
}

/** A duplicate rule refused the record. */
export class DuplicatesDetectedError extends SalesforceApiError {
  readonly duplicates: FoundDuplicates;

  constructor(operation: string, duplicates: FoundDuplicates, detail: string, requestId?: string) {
    super({
      code: 'DUPLICATES_DETECTED',
      next: { do: 'stop' },
      message: `Salesforce refused ${operation}: a duplicate rule found records like it.`,
      status: 400,
      detail,
      ...(requestId === undefined ? {} : { requestId }),
    });
    this.duplicates = duplicates;
  }
}

const duplicateResult = z.object({
  allowSave: z.nullish(z.boolean()),
  duplicateRule: z.nullish(z.string()),
  matchResults: z.nullish(
    z.array(
      z.object({
        matchRecords: z.nullish(
          z.array(z.object({ record: z.nullish(z.object({ Id: z.nullish(z.string()) })) })),
        ),
      }),
    ),
  ),
});

const refusedRow = z.array(
  z.object({
    errorCode: z.string(),
    message: z.nullish(z.string()),
    // The first spelling is the wire's, recorded from two orgs; the second is the one that documents expect.
    duplicateResut: z.optional(z.unknown()),
    duplicateResult: z.optional(z.unknown()),
  }),
);

/** What an entry of a refusal tells of duplicates. */
export function readDuplicates(entry: {
  readonly duplicateResut?: unknown;
  readonly duplicateResult?: unknown;
}): FoundDuplicates | undefined {
  const parsed = duplicateResult.safeParse(entry.duplicateResut ?? entry.duplicateResult);
  if (!parsed.success) return undefined;
  const { allowSave, duplicateRule, matchResults } = parsed.data;
  const matches = (matchResults ?? []).flatMap((result) => result.matchRecords ?? []);
  return {
    allowSave: allowSave === true,
    ...(duplicateRule ? { rule: duplicateRule } : {}),
    recordIds: [...new Set(matches.flatMap(({ record }) => record?.Id ?? []))],
  };
}

/** The paths that the body of a 300 lists. */
export function readChoices(body: unknown): readonly string[] {
  return Array.isArray(body) ? body.filter((url) => typeof url === 'string') : [];
}

/** Takes up the two refusals whose bodies hold more than code and message; all others pass on. */
export const particular =
  (send: Transport): Transport =>
  async (request, signal) => {
    const response = await send(request, signal);
    const requestId = response.headers['x-sfdc-request-id'] ?? response.headers['x-request-id'];
    if (response.status === 300)
      throw new MultipleChoicesError(request.operation, await choicesIn(response), requestId);
    if (response.status !== 400) return response;
    const text = await readRefusalText(response.body);
    const [entry] = text.includes('DUPLICATES_DETECTED') ? refusalsIn(text) : [];
    const duplicates = entry?.errorCode === 'DUPLICATES_DETECTED' ? readDuplicates(entry) : undefined;
    if (duplicates === undefined) return { ...response, body: bytesOf(text) };
    throw new DuplicatesDetectedError(request.operation, duplicates, entry?.message ?? '', requestId);
  };

async function choicesIn(response: SalesforceResponse): Promise<readonly string[]> {
  try {
    return readChoices(JSON.parse(await readText(response.body, MAX_CHOICES_BYTES)));
  } catch {
    // The status says what matters.
    return [];
  }
}

function refusalsIn(text: string): z.infer<typeof refusedRow> {
  try {
    return refusedRow.safeParse(JSON.parse(text)).data ?? [];
  } catch {
    return [];
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield new TextEncoder().encode(text);
}
