import { type Clock, nowIso } from '../../contracts/clock.ts';
import type { MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import { checkMapping } from '../../sync/mapping/check.ts';
import { identityOf, identityProblems } from '../../sync/mapping/identity.ts';
import { parseMappingId, resolveMapping } from '../../sync/mapping/resolve.ts';
import { templateDigest } from '../../sync/mapping/template-digest.ts';
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
      /** A digest of what the template names: `templateDigest`. */
      readonly template: string;
    }
  /** The hint is dropped: a sweep after the cause is mended finds everything again. */
  | {
      readonly kind: 'closed';
      readonly reason:
        | 'unknown-mapping'
        | 'unknown-connection'
        | 'connection-revoked'
        | 'connection-not-active'
        | 'mapping-invalid';
    };

export type OpenMapping = Extract<OpenedMapping, { kind: 'open' }>;

/** An admin may change fields or permissions at any time; a day bounds how long a mapping runs on an old check. */
const CHECK_EVERY_MS = 24 * 3_600_000;
/** A mapping that was found wrong is looked at again this often, so that a mended org needs nobody's click. */
const RECHECK_INVALID_MS = 60_000;

/**
 * Loads a mapping for work: its connection, its state, and the types of its fields. Checks it against the org's
 * schema (one describe) when the template changed or the last check is a day old, and stores what it found.
 *
 * @throws whatever describe throws, with its own `next`
 */
export async function openMapping(ports: OpenMappingPorts, mappingId: string): Promise<OpenedMapping> {
  const parsed = parseMappingId(mappingId);
  const template = parsed && ports.config.mappings[parsed.name];
  const table = template && ports.config.localTables[template.localTable];
  if (!parsed || !template || !table) return { kind: 'closed', reason: 'unknown-mapping' };

  const [connection, state] = await Promise.all([
    ports.connections.get(parsed.connectionId),
    ports.mappingStates.get(mappingId),
  ]);
  if (!connection || !state) return { kind: 'closed', reason: 'unknown-connection' };
  // The config may have given the table to somebody else since.
  if (!isForTenant(table, connection.orgId)) return { kind: 'closed', reason: 'unknown-mapping' };
  if (connection.status === 'revoked') return { kind: 'closed', reason: 'connection-revoked' };
  if (connection.status !== 'active') return { kind: 'closed', reason: 'connection-not-active' };
  if (await isAnother(ports, template, state)) return { kind: 'closed', reason: 'mapping-invalid' };

  const org = await ports.orgs.open(parsed.connectionId, connection.tokenVersion);
  const fieldTypes = await checkedFieldTypes(ports, template, parsed.name, state, org);
  if (!fieldTypes) return { kind: 'closed', reason: 'mapping-invalid' };
  const mapping = resolveMapping(template, table, parsed.name, connection, fieldTypes);
  const { watermark, ...anew } = state;
  return {
    kind: 'open',
    mapping,
    state: isOther(template, state) ? anew : state,
    connection,
    org,
    template: templateDigest(template),
  };
}

/**
 * A template of another object, table or external id field must not take over the links of the one before. It is
 * refused before anything else of the mapping changes, so that putting the old values back mends all.
 */
async function isAnother(
  { mappingStates }: OpenMappingPorts,
  template: MappingTemplate,
  state: MappingState,
): Promise<boolean> {
  const { mappingId, identity, fieldTypes, checkedAt, checkedTemplate } = state;
  const problems = identity ? identityProblems(template, state.name, identity) : [];
  if (problems.length > 0 && state.problems?.join() !== problems.join()) {
    await mappingStates.saveSchema(mappingId, {
      problems,
      ...(fieldTypes && { fieldTypes }),
      ...(checkedAt !== undefined && { checkedAt }),
      ...(checkedTemplate !== undefined && { checkedTemplate }),
    });
  }
  return problems.length > 0;
}

/** A template that names other fields or records than before has to meet all of them: its passes begin anew. */
function isOther(template: MappingTemplate, state: MappingState): boolean {
  return state.checkedTemplate !== undefined && state.checkedTemplate !== templateDigest(template);
}

/** The types from the last check, or from a new one where that is due; undefined if the mapping does not fit the org. */
async function checkedFieldTypes(
  ports: OpenMappingPorts,
  template: MappingTemplate,
  name: string,
  state: MappingState,
  org: SalesforceOrg,
): Promise<Readonly<Record<string, FieldType>> | undefined> {
  const digest = templateDigest(template);
  if (!isCheckDue(state, digest, ports.clock.nowMs())) {
    return state.status === 'invalid' ? undefined : state.fieldTypes;
  }
  if (isOther(template, state)) await ports.mappingStates.forgetWatermark(state.mappingId);
  const { problems, fieldTypes } = checkMapping(template, name, await org.describe(template.sfObject));
  await ports.mappingStates.saveSchema(state.mappingId, {
    problems,
    fieldTypes,
    checkedAt: nowIso(ports.clock),
    checkedTemplate: digest,
    // One that never fitted has linked nothing.
    ...(problems.length === 0 && { identity: identityOf(template) }),
  });
  return problems.length > 0 ? undefined : fieldTypes;
}

function isCheckDue(state: MappingState, digest: string, nowMs: number): boolean {
  if (!state.fieldTypes || !state.checkedAt || state.checkedTemplate !== digest) return true;
  const age = nowMs - Date.parse(state.checkedAt);
  return age > (state.status === 'invalid' ? RECHECK_INVALID_MS : CHECK_EVERY_MS);
}
