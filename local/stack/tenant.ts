import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { invoke } from '../../cli/invoke.ts';
import { Browser } from './browser.ts';
import type { LocalStack } from './local-stack.ts';

const refused = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const ticket = z.object({ authorizeUrl: z.string() });
const connections = z.object({
  connections: z.array(z.looseObject({ connectionId: z.string(), status: z.string() })),
});
const mappingState = z.looseObject({
  mappingId: z.string(),
  name: z.string(),
  status: z.string(),
  watermark: z.optional(z.string()),
  bulkJobId: z.optional(z.string()),
  problems: z.optional(z.array(z.string())),
});
export type MappingState = z.infer<typeof mappingState>;

/** What an operator asks the stack, by an IAM-authorised invocation. Fails with the answer's own sentence. */
export async function operate(stack: LocalStack, operation: object): Promise<unknown> {
  const answer = await invoke(stack.clients.lambda, stack.outputs.OperationsFunctionName, operation);
  const no = refused.safeParse(answer);
  if (no.success) throw new Error(`${no.data.error.code}: ${no.data.error.message}`);
  return answer;
}

/** Connects a tenant as a person does: link, "Continue", consent page, "Allow", callback. Returns the connection's id. */
export async function connectTenant(
  stack: LocalStack,
  orgId: string,
  browser = new Browser(),
): Promise<string> {
  const { authorizeUrl } = ticket.parse(
    await operate(stack, { action: 'issue-ticket', orgId, loginHost: stack.org.origin }),
  );
  const consent = await browser.press(await browser.open(authorizeUrl), 'continue');
  const page = await browser.press(consent, 'allow');
  if (page.status !== 200)
    throw new Error(`The authorisation ended with ${page.status}: ${textOf(page.text)}`);
  const { connections: found } = connections.parse(await operate(stack, { action: 'connections', orgId }));
  const active = found.find((connection) => connection.status === 'active');
  if (!active) throw new Error(`Tenant ${orgId} has no active connection after the authorisation`);
  return active.connectionId;
}

/** The text of a page, for messages. */
export const textOf = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/gs, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

export async function mappingStates(stack: LocalStack, connectionId: string): Promise<MappingState[]> {
  const answer = await operate(stack, { action: 'mappings', connectionId });
  return z.object({ mappings: z.array(mappingState) }).parse(answer).mappings;
}

/** Asks until the answer is there. @throws Error that says what was waited for when the time is up */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { timeoutMs = 90_000, everyMs = 300 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`);
    await sleep(everyMs);
  }
}
