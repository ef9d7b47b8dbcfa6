import { nowIso } from '../../contracts/clock.ts';
import type { Code } from '../../contracts/codes.ts';
import type { MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import { identityProblems } from '../../sync/mapping/identity.ts';
import { configuredMapping, resolveMapping } from '../../sync/mapping/resolve.ts';
import { runningTemplateOf, templateToGoBy } from '../../sync/mapping/running-template.ts';
import { digestOfTemplate, planDigestOf } from '../../sync/mapping/template-digest.ts';
import { isForTenant } from '../../sync/mapping/tenancy.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { ConnectionStore, StoredConnection } from '../ports/connection-store.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';
import type { SalesforceOrg, SalesforceOrgs } from '../ports/salesforce-org.ts';
import { type CheckSchemaPorts, checkedState } from './check-schema.ts';

export interface OpenMappingPorts extends CheckSchemaPorts {
  readonly config: SyncConfig;
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly mappingStates: CheckSchemaPorts['mappingStates'] &
    Pick<MappingStates, 'get' | 'setRunning' | 'rehearseAnew'>;
  readonly orgs: SalesforceOrgs;
}

/** A mapping with all that work on it needs, or why there is no work to do on it now. */
export type OpenedMapping =
  | {
      readonly kind: 'open';
      readonly mapping: Mapping;
      readonly state: MappingState;
      readonly connection: StoredConnection;
      readonly org: SalesforceOrg;
    }
  /** `setAside` says what becomes of the hint. */
  | {
      readonly kind: 'closed';
      readonly reason: Extract<
        Code,
        | 'UNKNOWN_MAPPING'
        | 'UNKNOWN_CONNECTION'
        | 'CONNECTION_REVOKED'
        | 'CONNECTION_NOT_ACTIVE'
        | 'MAPPING_INVALID'
        | 'MAPPING_CHANGED'
        | 'PLAN_REQUIRED'
        | 'MAPPING_REHEARSED'
      >;
      /** It has pairs, whose changes must not be lost. */
      readonly hasRun?: boolean;
    };

export type OpenMapping = Extract<OpenedMapping, { kind: 'open' }>;
export type ClosedMapping = Extract<OpenedMapping, { kind: 'closed' }>;

/** How long a deployment takes from the first function to the last, and an invocation of before to end. */
export const DEPLOYMENT_MS = 5 * 60_000;

/**
 * Loads a mapping for work: its connection, its state, and the types of its fields. Checks it against the org's
 * schema (one describe) when the template changed or the last check is a day old, and stores what it found: `checkedState`.
 *
 * A rehearsed mapping is closed to it: whatever does not know of rehearsals would write.
 *
 * @throws whatever describe throws, with its own `next`
 */
export async function openMapping(ports: OpenMappingPorts, mappingId: string): Promise<OpenedMapping> {
  const opened = await openRehearsable(ports, mappingId);
  const isRehearsed = opened.kind === 'open' && opened.state.rehearsal !== undefined;
  return isRehearsed ? { kind: 'closed', reason: 'MAPPING_REHEARSED' } : opened;
}

/**
 * The same for work that can be rehearsed: a mapping whose state says so is opened too.
 *
 * @param known - the mapping's state, where it was just read with those of others
 */
export async function openRehearsable(
  ports: OpenMappingPorts,
  mappingId: string,
  known?: MappingState,
): Promise<OpenedMapping> {
  const configured = configuredMapping(ports.config, mappingId);
  if (!configured) return { kind: 'closed', reason: 'UNKNOWN_MAPPING' };
  const { connectionId, name, template: deployed, table } = configured;

  const [connection, state] = await Promise.all([
    ports.connections.get(connectionId),
    known ?? ports.mappingStates.get(mappingId),
  ]);
  if (!connection || !state) return { kind: 'closed', reason: 'UNKNOWN_CONNECTION' };
  // The config may have given the table to somebody else since.
  if (!isForTenant(table, connection.orgId)) return { kind: 'closed', reason: 'UNKNOWN_MAPPING' };
  if (connection.status === 'revoked') return { kind: 'closed', reason: 'CONNECTION_REVOKED' };
  if (connection.status !== 'active') return { kind: 'closed', reason: 'CONNECTION_NOT_ACTIVE' };
  if (isRehearsedOtherwise(state, deployed)) {
    await ports.mappingStates.rehearseAnew(mappingId, planDigestOf(deployed), nowIso(ports.clock));
    return openRehearsable(ports, mappingId);
  }
  // A rehearsal writes nothing, and its promotion is what a person agrees to.
  const goesBy = state.rehearsal ? ({ kind: 'deployed' } as const) : templateToGoBy(deployed, state);
  if (goesBy.kind === 'waits')
    return { kind: 'closed', reason: 'PLAN_REQUIRED', hasRun: state.revision !== undefined };
  const template = goesBy.kind === 'running' ? goesBy.template : deployed;
  if (goesBy.kind === 'deployed' && 'isNew' in goesBy)
    await ports.mappingStates.setRunning(mappingId, runningTemplateOf(deployed));
  // A template of another object, table or external id field must not take over the links of the one before. It is
  // refused before anything else of the mapping changes, so that putting the old values back is all it takes.
  const problems = state.identity ? identityProblems(template, name, state.identity) : [];
  if (problems.length > 0) {
    await saveIdentityProblems(ports, state, problems);
    return { kind: 'closed', reason: 'MAPPING_INVALID' };
  }

  const templateDigest = digestOfTemplate(template);
  if (isOnItsWayOut(state, templateDigest, ports.clock.nowMs())) {
    return { kind: 'closed', reason: 'MAPPING_CHANGED' };
  }
  const org = await ports.orgs.open(connectionId, connection.tokenVersion);
  const { mappings: templates } = ports.config;
  const checked = await checkedState(ports, { template, templates, name, templateDigest, state, org });
  if (typeof checked === 'string') return { kind: 'closed', reason: checked };
  const { fieldTypes = {}, revision, traits, details, schema } = checked;
  const mapping = resolveMapping(template, table, name, connection, fieldTypes, revision, {
    templates,
    traits,
    details,
    schema,
  });
  return { kind: 'open', mapping, state: checked, connection, org };
}

/** What was decided by other fields or policies foretells nothing of these. */
const isRehearsedOtherwise = ({ rehearsal }: MappingState, deployed: MappingTemplate): boolean =>
  rehearsal !== undefined && rehearsal.template !== planDigestOf(deployed);

/**
 * A deployment replaces the functions one after the other: whoever still has the template of before is told so, instead
 * of taking the mapping back. A person who takes a change back waits no longer than that.
 */
const isOnItsWayOut = ({ replaced }: MappingState, templateDigest: string, nowMs: number): boolean =>
  replaced?.template === templateDigest && nowMs - Date.parse(replaced.at) < DEPLOYMENT_MS;

/** Stores the problems beside what the last check found, unless they are stored already. */
async function saveIdentityProblems(
  { mappingStates }: OpenMappingPorts,
  { mappingId, problems: known }: MappingState,
  problems: readonly string[],
): Promise<void> {
  if (known?.join() !== problems.join()) await mappingStates.saveSchema(mappingId, { problems });
}
