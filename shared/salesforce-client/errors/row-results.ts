import * as z from 'zod/mini';
import type { Clean, SalesforceResponse } from '../transport/transport.ts';
import { type Duplicates, readDuplicates } from './duplicates.ts';
import { passesAfterMs } from './error-catalogue.ts';
import { isCode, isFieldName, withoutTokens } from './redaction.ts';

/** The result of one record, from sObject Collections or from a single row's POST. A failed one has no `id`. */
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

/** Results without the secrets that were sent with their request. */
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

/** Our code for a refused record whose refusal has no code. */
const UNNAMED_REFUSAL = 'UNNAMED_REFUSAL';

/** A record that Salesforce refused. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: string;
  /** May quote values: for the person who reads about the record, never for a log. */
  readonly message: string;
  readonly fields: readonly string[];
  /** Set where the refusal passes with time, such as that of a locked row: when another try is worthwhile. */
  readonly retryAfterMs?: number;
}

/** The refusal in a record's result. */
export function toRefusal(row: RowResult): Refused {
  const first = row.errors?.[0];
  return refused(first?.statusCode ?? '', first?.message ?? '', first?.fields ?? []);
}

/** A refusal from its parts as they came. Texts lose what looks like a token; field names of another form are left out. */
export function refused(code: string, message: string, fields: readonly string[]): Refused {
  const known = isCode(code) ? code : UNNAMED_REFUSAL;
  const retryAfterMs = passesAfterMs(known, message);
  return {
    kind: 'refused',
    code: known,
    message: withoutTokens(message),
    fields: fields.filter(isFieldName),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** The duplicates of a refused record, where its result lists them. */
export function duplicatesOf(row: RowResult): Duplicates | undefined {
  const [first] = row.errors ?? [];
  return first === undefined ? undefined : readDuplicates(first);
}
