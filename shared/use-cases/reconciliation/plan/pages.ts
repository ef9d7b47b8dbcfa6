import * as z from 'zod/mini';
import { STAGED } from '../../../contracts/staging.ts';
import { PLAN_KINDS, type PlanEntry } from '../../../sync/plan/entry.ts';
import { LEFTOVER_REASONS, type LeftoverReason } from '../../../sync/plan/leftovers.ts';
import type { Staging } from '../../ports/bulk-jobs.ts';
import type { NamedPlan } from '../../ports/plans.ts';

const fieldValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const entry = z.object({
  by: z.enum(['key', 'id']),
  key: z.string(),
  localKey: z.exactOptional(z.string()),
  actions: z.array(
    z.object({
      kind: z.enum(PLAN_KINDS),
      fields: z.exactOptional(z.array(z.string())),
      values: z.exactOptional(z.record(z.string(), fieldValue)),
      code: z.exactOptional(z.string()),
    }),
  ),
  digest: z.string(),
});
/** `before`: the digest of all pages before this one. */
const page = z.object({ before: z.string(), entries: z.array(entry) });

/** A planned key that was not done as planned. */
export interface Leftover extends Pick<PlanEntry, 'by' | 'key' | 'localKey'> {
  readonly reason: LeftoverReason;
}
const leftovers = z.array(
  z.object({
    by: z.enum(['key', 'id']),
    key: z.string(),
    localKey: z.exactOptional(z.string()),
    reason: z.enum(LEFTOVER_REASONS),
  }),
);

export interface PlanPage {
  readonly before: string;
  readonly entries: readonly PlanEntry[];
}

type Reading = Pick<Staging, 'get'>;

/** Where the plans of all mappings lie in the staging bucket. */
const nameOf = ({ mappingId, planId }: NamedPlan, what: 'page' | 'left', number: number): string =>
  `${STAGED.plans}${mappingId}/${planId}/${what}-${String(number).padStart(6, '0')}.json`;

const put = async (staging: Staging, name: string, body: unknown): Promise<void> => {
  await staging.put(name, new TextEncoder().encode(JSON.stringify(body)));
};

const get = async <T>(staging: Reading, name: string, schema: z.ZodMiniType<T>): Promise<T> => {
  const parts: Uint8Array[] = [];
  for await (const part of await staging.get(name)) parts.push(part);
  return schema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
};

/** A page with the same number is replaced: whoever writes one holds the plan. */
export const putPage = (staging: Staging, plan: NamedPlan, number: number, body: PlanPage): Promise<void> =>
  put(staging, nameOf(plan, 'page', number), body);

/** @throws what the store throws where there is none (any more) */
export const getPage = (staging: Reading, plan: NamedPlan, number: number): Promise<PlanPage> =>
  get(staging, nameOf(plan, 'page', number), page);

/** What was left of a page. */
export const putLeftovers = (
  staging: Staging,
  plan: NamedPlan,
  number: number,
  left: readonly Leftover[],
): Promise<void> => put(staging, nameOf(plan, 'left', number), left);

export const getLeftovers = (
  staging: Reading,
  plan: NamedPlan,
  number: number,
): Promise<readonly Leftover[]> => get(staging, nameOf(plan, 'left', number), leftovers);
