import * as z from 'zod';
import { invoke } from '../../../cli/invoke.ts';
import { executions } from '../../../local/stack/executions.ts';
import { type Item, LocalItems } from '../../../local/stack/local-items.ts';
import type { LocalStack } from '../../../local/stack/local-stack.ts';
import { connectTenant, mappingStates, operate, until } from '../../../local/stack/tenant.ts';
import { must } from '../../../shared/sync/assert.ts';

/** A tenant of the shared stack, connected to one org. */
export interface Tenant {
  readonly orgId: string;
  readonly connectionId: string;
  /** Of a mapping by its name in the sync config. */
  readonly mappingId: (name: 'account' | 'contact' | 'opportunity' | 'meter') => string;
  readonly accounts: LocalItems;
  readonly contacts: LocalItems;
}

/** The local tables as their application uses them, connected or not. */
export const tablesOf = (stack: LocalStack) => ({
  accounts: new LocalItems(stack, 'accounts', 'accountId'),
  contacts: new LocalItems(stack, 'contacts', 'contactId'),
});

export async function connect(stack: LocalStack, orgId: string): Promise<Tenant> {
  const connectionId = await connectTenant(stack, orgId);
  return { orgId, connectionId, mappingId: (name) => `${connectionId}.${name}`, ...tablesOf(stack) };
}

/** Connects, and waits until everything there is in the org has been loaded. */
export async function connectAndLoad(stack: LocalStack, orgId: string, mappings?: number): Promise<Tenant> {
  const tenant = await connect(stack, orgId);
  await dispatch(stack);
  await loaded(stack, tenant, mappings);
  return tenant;
}

/** What the schedule does every minute, now. */
export const dispatch = (stack: LocalStack): Promise<unknown> =>
  invoke(stack.clients.lambda, must(stack.outputs.FunctionNames.dispatch, 'the dispatcher'), {});

/** All mappings have had their first pass, and the execution of a bulk load has ended, a moment after its watermark. */
export const loaded = (stack: LocalStack, { connectionId }: Tenant, mappings = 2): Promise<true> =>
  until(
    'The initial load',
    async () => {
      const states = await mappingStates(stack, connectionId);
      const isLoaded = states.length === mappings && states.every(({ watermark }) => watermark !== undefined);
      if (!isLoaded) return undefined;
      return (await executions(stack, 'load')).every(({ status }) => status !== 'RUNNING') || undefined;
    },
    { timeoutMs: 180_000 },
  );

/** The tenant's items, those of others left out. */
export const itemsOf = (items: LocalItems, { orgId }: Tenant): Promise<Item[]> => items.ofTenant(orgId);

const aRejection = z.looseObject({ key: z.string(), by: z.string(), code: z.string(), message: z.string() });

/** What a mapping's records were refused for. */
export async function rejectionsOf(stack: LocalStack, mappingId: string, key: string) {
  const answer = await operate(stack, { action: 'rejections', mappingId });
  const { rejections } = z.object({ rejections: z.array(aRejection) }).parse(answer);
  return rejections.filter((rejection) => rejection.key === key);
}

const aConflict = z.looseObject({
  localKey: z.string(),
  field: z.string(),
  winner: z.string(),
  reason: z.string(),
  policy: z.string(),
});

/** What was decided where both sides changed the same field of an item. */
export async function conflictsOf(stack: LocalStack, mappingId: string, key: string) {
  const answer = await operate(stack, { action: 'conflicts', mappingId });
  const { conflicts } = z.object({ conflicts: z.array(aConflict) }).parse(answer);
  return conflicts.filter(({ localKey }) => localKey === key);
}

const aConnection = z.looseObject({
  connectionId: z.string(),
  sfOrgId: z.string(),
  instanceUrl: z.string(),
  status: z.string(),
  tokenVersion: z.number(),
});

/** A tenant's connections as an operator sees them. */
export async function connectionsOf(stack: LocalStack, orgId: string) {
  const answer = await operate(stack, { action: 'connections', orgId });
  return z.object({ connections: z.array(aConnection) }).parse(answer).connections;
}
