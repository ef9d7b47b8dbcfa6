import * as z from 'zod/mini';

/** Why a record was looked at. */
export const CAUSE_KINDS = [
  /** An outbound message named the record. */
  'message',
  /** The table's stream told of a change of the item. */
  'stream',
  /** A sweep read the record as changed since the last one. */
  'sweep',
  /** A full sweep found the two sides to differ. */
  'full-sweep',
  /** A refresh of formulas found that Salesforce computes another value by now. */
  'formulas',
  /** A plan was applied in which it stands. */
  'plan',
  /** A bulk load, or a bulk push. */
  'load',
  'push',
  /** A person asked for it. */
  'operator',
  /** An earlier change is taken back. */
  'undo',
  /** The record that its lookup names was linked. */
  'parent',
  /** It had waited, and its time had come; what it had waited with stands beside this. */
  'woken',
] as const;

/** What a cause is, wherever it is stored or sent. */
export const cause = z.object({
  by: z.enum(CAUSE_KINDS),
  /** The sweep, full sweep, plan, bulk job or undo, where it is one. */
  runId: z.exactOptional(z.string()),
  /** The key was parked since then: this is what had called for the look that parked it. */
  isWaiting: z.exactOptional(z.literal(true)),
});
export type Cause = z.infer<typeof cause>;

/** Several that come to one look; more than these say nothing that a person would read. */
const MAX_CAUSES = 5;

/** All of them, each once, in their order. */
export const allCauses = (...lists: readonly (readonly Cause[] | undefined)[]): readonly Cause[] => {
  const byText = new Map(
    lists.flatMap((list) =>
      (list ?? []).map((one) => [[one.by, one.runId, one.isWaiting].join(' '), one] as const),
    ),
  );
  return [...byText.values()].slice(0, MAX_CAUSES);
};

/** The cause that a key is parked with, if any: of the local side rather the stream, of the record's rather another. */
export const causeToPark = (
  causes: readonly Cause[],
  side: 'local' | 'remote',
): { readonly cause?: Cause } => {
  const own = causes.filter(({ by }) => by !== 'woken');
  const found = own.find(({ by }) => (by === 'stream') === (side === 'local')) ?? own[0];
  if (!found) return {};
  const { isWaiting: _, ...cause } = found;
  return { cause };
};
