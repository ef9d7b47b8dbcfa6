import * as z from 'zod/mini';
import type { Clean, SalesforceResponse } from '../transport/transport.ts';
import { type Duplicates, readDuplicates } from './duplicates.ts';
import { isCode, isFieldName, withoutTokens } from './redaction.ts';

/** A locked row is free again when the other transaction ends, mostly within moments. */
const LOCKED_ROW_PAUSE_MS = 2_000;
/** What lasts as long as somebody else's transaction; triggers that meet it wrap it into their own refusal. */
const PASSING = /UNABLE_TO_LOCK_ROW/;

/** What sObject Collections, and a single row's POST, say of one record. A failed one has no `id`. */
export const rowResult = z.object({
  id: z.nullish(z.string()),
  success: z.boolean(),
  created: z.nullish(z.boolean()),
  errors: z.nullish(
    z.array(
      z.object({
        statusCode: z.string(),
        message: z.nullish(z.string()),
        fields: z.nullish(z.array(z.string())),
        duplicateResut: z.optional(z.unknown()),
        duplicateResult: z.optional(z.unknown()),
      }),
    ),
  ),
});
export type RowResult = z.infer<typeof rowResult>;

/** Results whose texts are freed of what was sent with their request. */
export const cleaned = (rows: readonly RowResult[], { clean }: SalesforceResponse): readonly RowResult[] =>
  clean === undefined ? rows : rows.map((row) => (row.success ? row : withCleanTexts(row, clean)));

const withCleanTexts = (row: RowResult, clean: Clean): RowResult => ({
  ...row,
  errors: row.errors?.map((error) => ({
    ...error,
    statusCode: clean(error.statusCode),
    message: error.message && clean(error.message),
    fields: error.fields?.map(clean),
  })),
});

/** A record that Salesforce refused. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: string;
  /** May quote values: for the person who reads about the record, never for a log. */
  readonly message: string;
  readonly fields: readonly string[];
  /** Set where the refusal passes by itself (a locked row). */
  readonly retryAfterMs?: number;
}

/** What a refused record's result says. */
export function toRefusal(row: RowResult): Refused {
  const first = row.errors?.[0];
  const message = withoutTokens(first?.message ?? '');
  const code = first !== undefined && isCode(first.statusCode) ? first.statusCode : 'UNKNOWN_EXCEPTION';
  return refused(code, message, (first?.fields ?? []).filter(isFieldName));
}

/** A refusal in its parts. */
export function refused(code: string, message: string, fields: readonly string[]): Refused {
  const facts = { kind: 'refused', code, message, fields } as const;
  return PASSING.test(`${code} ${message}`) ? { ...facts, retryAfterMs: LOCKED_ROW_PAUSE_MS } : facts;
}

/** Which records stand in a refused one's way, by its result; absent where it does not tell. */
export function duplicatesOf(row: RowResult): Duplicates | undefined {
  const [first] = row.errors ?? [];
  return first === undefined ? undefined : readDuplicates(first);
}
