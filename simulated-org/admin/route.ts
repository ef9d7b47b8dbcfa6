import type { Answer, Request } from '../http/messages.ts';
import type { Org } from '../org/org.ts';

/** Answers one kind of request of the admin port; `params` are the groups of its pattern. */
export type AdminHandler = (
  org: Org,
  request: Request,
  params: readonly string[],
) => Answer | Promise<Answer>;

/** A route of the admin port. */
export type AdminRoute = readonly [method: string, pattern: RegExp, handle: AdminHandler];

/** Says that something was done. */
export const ok: Answer = { status: 200, json: { ok: true } };

/** Does something and says that it was done. */
export function done(work: () => void): Answer {
  work();
  return ok;
}

/** The refusal of invalid input. */
export const refuse = (error: string): Answer => ({ status: 400, json: { error } });
