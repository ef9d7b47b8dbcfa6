import { type Clock, nowIso } from '../../contracts/clock.ts';
import type { Code } from '../../contracts/codes.ts';
import type { MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import { checkMapping } from '../../sync/mapping/check.ts';
import { identityOf, identityProblems } from '../../sync/mapping/identity.ts';
import { configuredMapping, resolveMapping } from '../../sync/mapping/resolve.ts';
import { digestOfTemplate } from '../../sync/mapping/template-digest.ts';
import { isForTenant } from '../../sync/mapping/tenancy.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { FieldType } from '../../sync/model/values.ts';
import type { ConnectionStore, StoredConnection } from '../ports/connection-store.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';
import type { SalesforceOrg, SalesforceOrgs } from '../ports/salesforce-org.ts';

export interface OpenMappingPorts {
  readonly config: SyncConfig;
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly mappingStates: Pick<MappingStates, 'get' | 'saveSchema' | 'forgetWatermark'>;
  readonly orgs: SalesforceOrgs;
  readonly clock: Clock;
}

/** A mapping with all that work on it needs, or why there is no work to do on it now. */
export type OpenedMapping =
  | {
      readonly kind: 'open';
      readonly mapping: Mapping;
      readonly state: MappingState;
      readonly connection: StoredConnection;
      readonly org: SalesforceOrg;
      /** What the template names, as `digestOfTemplate` makes it: work that began under another one is outdated. */
      readonly templateDigest: string;
    }
  /** The hint is dropped: once the cause is gone, a sweep finds everything again. */
  | {
      readonly kind: 'closed';
      readonly reason: Extract<
        Code,
        | 'UNKNOWN_MAPPING'
        | 'UNKNOWN_CONNECTION'
        | 'CONNECTION_REVOKED'
        | 'CONNECTION_NOT_ACTIVE'
        | 'MAPPING_INVALID'
      >;
    };

export type OpenMapping = Extract<OpenedMapping, { kind: 'open' }>;
export type ClosedMapping = Extract<OpenedMapping, { kind: 'closed' }>;

/** An admin may change fields or permissions at any time; a day bounds how long a mapping runs on an old check. */
const CHECK_EVERY_MS = 24 * 3_600_000;
/** A mapping that does not fit is checked again this often: once the org is put right, nobody has to do anything. */
const RECHECK_INVALID_MS = 60_000;

/**
 * Loads a mapping for work: its connection, its state, and the types of its fields. Checks it against the org's
 * schema (one describe) when the template changed or the last check is a day old, and stores what it found.
 *
 * @throws whatever describe throws, with its own `next`
 */
export async function openMapping(ports: OpenMappingPorts, mappingId: string): Promise<OpenedMapping> {
  const configured = configuredMapping(ports.config, mappingId);
  if (!configured) return { kind: 'closed', reason: 'UNKNOWN_MAPPING' };
  const { connectionId, name, template, table } = configured;

  const [connection, state] = await Promise.all([
    ports.connections.get(connectionId),
    ports.mappingStates.get(mappingId),
  ]);
  if (!connection || !state) return { kind: 'closed', reason: 'UNKNOWN_CONNECTION' };
  // The config may have given the table to somebody else since.
  if (!isForTenant(table, connection.orgId)) return { kind: 'closed', reason: 'UNKNOWN_MAPPING' };
  if (connection.status === 'revoked') return { kind: 'closed', reason: 'CONNECTION_REVOKED' };
  if (connection.status !== 'active') return { kind: 'closed', reason: 'CONNECTION_NOT_ACTIVE' };
  // A template of another object, table or external id field must not take over the links of the one before. It is
  // refused before anything else of the mapping changes, so that putting the old values back is all it takes.
  const problems = state.identity ? identityProblems(template, name, state.identity) : [];
  if (problems.length > 0) {
    await saveIdentityProblems(ports, state, problems);
    return { kind: 'closed', reason: 'MAPPING_INVALID' };
  }

  const org = await ports.orgs.open(connectionId, connection.tokenVersion);
  const templateDigest = digestOfTemplate(template);
  const fieldTypes = await checkedFieldTypes(ports, { template, name, templateDigest, state, org });
  if (!fieldTypes) return { kind: 'closed', reason: 'MAPPING_INVALID' };
  const mapping = resolveMapping(template, table, name, connection, fieldTypes);
  const { watermark, ...anew } = state;
  return {
    kind: 'open',
    mapping,
    state: isChanged(state, templateDigest) ? anew : state,
    connection,
    org,
    templateDigest,
  };
}

/** Stores the problems beside what the last check found, unless they are stored already. */
async function saveIdentityProblems(
  { mappingStates }: OpenMappingPorts,
  { mappingId, problems: known, fieldTypes, checkedAt, checkedTemplate }: MappingState,
  problems: readonly string[],
): Promise<void> {
  if (known?.join() === problems.join()) return;
  await mappingStates.saveSchema(mappingId, {
    problems,
    ...(fieldTypes && { fieldTypes }),
    ...(checkedAt !== undefined && { checkedAt }),
    ...(checkedTemplate !== undefined && { checkedTemplate }),
  });
}

/** A template that names other fields or records than before has to meet all of them: its passes begin anew. */
const isChanged = ({ checkedTemplate }: MappingState, templateDigest: string): boolean =>
  checkedTemplate !== undefined && checkedTemplate !== templateDigest;

interface Checked {
  readonly template: MappingTemplate;
  readonly name: string;
  readonly templateDigest: string;
  readonly state: MappingState;
  readonly org: SalesforceOrg;
}

/** The types from the last check, or from a new one where that is due; undefined if the mapping does not fit the org. */
async function checkedFieldTypes(
  ports: OpenMappingPorts,
  { template, name, templateDigest, state, org }: Checked,
): Promise<Readonly<Record<string, FieldType>> | undefined> {
  if (!isCheckDue(state, templateDigest, ports.clock.nowMs())) {
    return state.status === 'invalid' ? undefined : state.fieldTypes;
  }
  if (isChanged(state, templateDigest)) await ports.mappingStates.forgetWatermark(state.mappingId);
  const { problems, fieldTypes } = checkMapping(template, name, await org.describe(template.sfObject));
  await ports.mappingStates.saveSchema(state.mappingId, {
    problems,
    fieldTypes,
    checkedAt: nowIso(ports.clock),
    checkedTemplate: templateDigest,
    // One that never fitted has linked nothing.
    ...(problems.length === 0 && { identity: identityOf(template) }),
  });
  return problems.length > 0 ? undefined : fieldTypes;
}

function isCheckDue(state: MappingState, templateDigest: string, nowMs: number): boolean {
  if (!state.fieldTypes || !state.checkedAt || state.checkedTemplate !== templateDigest) return true;
  const age = nowMs - Date.parse(state.checkedAt);
  return age > (state.status === 'invalid' ? RECHECK_INVALID_MS : CHECK_EVERY_MS);
}
