import { type Clock, nowIso } from '../../contracts/clock.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { mappingIdOf } from '../../sync/mapping/resolve.ts';
import { checkNameOf, planDigestOf } from '../../sync/mapping/template-digest.ts';
import { templatesOfTenant } from '../../sync/mapping/tenancy.ts';
import type { Connection } from '../../sync/model/connection.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';

export interface EnrolMappingsPorts {
  readonly config: SyncConfig;
  readonly mappingStates: Pick<
    MappingStates,
    'ensure' | 'makeDue' | 'restart' | 'expireCheck' | 'setPushDue' | 'listOfConnection' | 'setRetired'
  >;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** A connection, and whose it is. */
type Owned = Pick<Connection, 'connectionId' | 'orgId'>;

/** The mappings of a connection, as the config has them: one of each template, but none of another tenant's table. */
const mappingsOf = (
  { config, clock }: EnrolMappingsPorts,
  { connectionId, orgId }: Owned,
): readonly Pick<MappingState, 'mappingId' | 'connectionId' | 'orgId' | 'name' | 'rehearsal'>[] =>
  templatesOfTenant(config, orgId).map(([name, template]) => ({
    mappingId: mappingIdOf(connectionId, name),
    connectionId,
    orgId,
    name,
    ...(template.rehearsal && { rehearsal: { since: nowIso(clock), template: planDigestOf(template) } }),
  }));

/**
 * Makes the connection's mappings, each due at once; one that exists is left alone, also where the config would have it
 * rehearsed and it is live. A mapping that the config has no
 * more is marked, and one that is back gets a push: no stream carried its items' changes meanwhile. One that was in
 * trouble, and whose template is another one since, is due at once: the change may be its cure.
 */
export const enrolMappings = async (ports: EnrolMappingsPorts, connection: Owned): Promise<void> => {
  const at = nowIso(ports.clock);
  const wanted = mappingsOf(ports, connection);
  const names = new Set(wanted.map(({ mappingId }) => mappingId));
  for (const state of await ports.mappingStates.listOfConnection(connection.connectionId)) {
    const { mappingId, isRetired = false } = state;
    const isGone = !names.has(mappingId);
    if (isGone !== isRetired) await ports.mappingStates.setRetired(mappingId, isGone, at);
    if (!isGone && isPerhapsMended(ports, state)) await ports.mappingStates.restart(mappingId, at);
  }
  for (const mapping of wanted) await ports.mappingStates.ensure(mapping, at);
};

/** By the config: it does not run, and was last checked with another template. */
const isPerhapsMended = (
  { config }: EnrolMappingsPorts,
  { name, status, trouble, checkedTemplate }: MappingState,
): boolean => {
  const template = config.mappings[name];
  if (template === undefined || (status !== 'invalid' && trouble === undefined)) return false;
  return checkNameOf(template) !== checkedTemplate;
};

/**
 * Before a connection becomes active again: makes its mappings, and has each push what differs locally with its next
 * pass, since it was away, and be checked first, since the user who authorised it may have other rights. Said before the status changes, so that whoever dies between the two leaves no active
 * connection that misses anything.
 */
export const prepareMappings = async (ports: EnrolMappingsPorts, connection: Owned): Promise<void> => {
  await enrolMappings(ports, connection);
  const at = nowIso(ports.clock);
  for (const { mappingId } of mappingsOf(ports, connection)) {
    await ports.mappingStates.setPushDue(mappingId, at);
    await ports.mappingStates.expireCheck(mappingId);
  }
};

/** Makes every mapping of the connection due: what it missed is found now, not at its usual time. */
export const makeMappingsDue = async (ports: EnrolMappingsPorts, connection: Owned): Promise<void> => {
  const at = nowIso(ports.clock);
  for (const { mappingId } of mappingsOf(ports, connection)) await ports.mappingStates.makeDue(mappingId, at);
};

/**
 * Has the next pass of every mapping look at everything, on both sides: while a connection is disconnected, local
 * changes go nowhere.
 */
export const forgetPasses = async (
  ports: EnrolMappingsPorts & { readonly mappingStates: Pick<MappingStates, 'forgetPasses'> },
  connection: Owned,
): Promise<void> => {
  for (const { mappingId } of mappingsOf(ports, connection)) {
    await ports.mappingStates.forgetPasses(mappingId);
  }
};
