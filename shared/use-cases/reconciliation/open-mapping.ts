import { type Clock, nowIso } from '../../contracts/clock.ts';
import type { Code } from '../../contracts/codes.ts';
import type { MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import { must } from '../../sync/assert.ts';
import { checkMapping } from '../../sync/mapping/check.ts';
import { identityOf, identityProblems } from '../../sync/mapping/identity.ts';
import { referenceText } from '../../sync/mapping/reference-graph.ts';
import { configuredMapping, resolveMapping } from '../../sync/mapping/resolve.ts';
import { type FieldTriple, nextRevision } from '../../sync/mapping/revision.ts';
import { checkDigestOf, digestOfTemplate } from '../../sync/mapping/template-digest.ts';
import { isForTenant } from '../../sync/mapping/tenancy.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { FieldType } from '../../sync/model/values.ts';
import type { ConnectionStore, StoredConnection } from '../ports/connection-store.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';
import type { SalesforceOrg, SalesforceOrgs } from '../ports/salesforce-org.ts';

export interface OpenMappingPorts {
  readonly config: SyncConfig;
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly mappingStates: Pick<MappingStates, 'get' | 'saveSchema'>;
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
      >;
    };

export type OpenMapping = Extract<OpenedMapping, { kind: 'open' }>;
export type ClosedMapping = Extract<OpenedMapping, { kind: 'closed' }>;

/** An admin may change fields or permissions at any time; a day bounds how long a mapping runs on an old check. */
const CHECK_EVERY_MS = 24 * 3_600_000;
/** A mapping that does not fit is checked again this often: once the org is put right, nobody has to do anything. */
const RECHECK_INVALID_MS = 60_000;
/** How long a deployment takes from the first function to the last, and an invocation of before to end. */
export const DEPLOYMENT_MS = 5 * 60_000;

/**
 * Loads a mapping for work: its connection, its state, and the types of its fields. Checks it against the org's
 * schema (one describe) when the template changed or the last check is a day old, and stores what it found.
 *
 * @param known - the mapping's state, where it was just read with those of others
 * @throws whatever describe throws, with its own `next`
 */
export async function openMapping(
  ports: OpenMappingPorts,
  mappingId: string,
  known?: MappingState,
): Promise<OpenedMapping> {
  const configured = configuredMapping(ports.config, mappingId);
  if (!configured) return { kind: 'closed', reason: 'UNKNOWN_MAPPING' };
  const { connectionId, name, template, table } = configured;

  const [connection, state] = await Promise.all([
    ports.connections.get(connectionId),
    known ?? ports.mappingStates.get(mappingId),
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

  const templateDigest = digestOfTemplate(template);
  if (isOnItsWayOut(state, templateDigest, ports.clock.nowMs())) {
    return { kind: 'closed', reason: 'MAPPING_CHANGED' };
  }
  const org = await ports.orgs.open(connectionId, connection.tokenVersion);
  const checked = await checkedState(ports, { template, name, templateDigest, state, org });
  if (typeof checked === 'string') return { kind: 'closed', reason: checked };
  const { fieldTypes = {}, revision, traits, details } = checked;
  const { mappings: templates } = ports.config;
  const mapping = resolveMapping(template, table, name, connection, fieldTypes, revision, {
    templates,
    traits,
    details,
  });
  return { kind: 'open', mapping, state: checked, connection, org };
}

/**
 * A deployment replaces the functions one after the other: whoever still has the template of before is told so, instead
 * of taking the mapping back. A person who takes a change back waits no longer than that.
 */
const isOnItsWayOut = ({ replaced }: MappingState, templateDigest: string, nowMs: number): boolean =>
  replaced?.template === templateDigest && nowMs - Date.parse(replaced.at) < DEPLOYMENT_MS;

/** Stores the problems beside what the last check found, unless they are stored already. */
async function saveIdentityProblems(
  { mappingStates }: OpenMappingPorts,
  { mappingId, problems: known, fieldTypes, traits, details, checkedAt, checkedTemplate }: MappingState,
  problems: readonly string[],
): Promise<void> {
  if (known?.join() === problems.join()) return;
  await mappingStates.saveSchema(mappingId, {
    problems,
    ...(fieldTypes && { fieldTypes }),
    ...(traits && { traits }),
    ...(details && { details }),
    ...(checkedAt !== undefined && { checkedAt }),
    ...(checkedTemplate !== undefined && { checkedTemplate }),
  });
}

interface Checked {
  readonly template: MappingTemplate;
  readonly name: string;
  readonly templateDigest: string;
  readonly state: MappingState;
  readonly org: SalesforceOrg;
}

/**
 * The state with the last check's outcome, or a new one's where that is due; or why there is none. What the check finds
 * may make a new revision of the mapping, whose passes begin anew.
 */
async function checkedState(
  ports: OpenMappingPorts,
  { template, name, templateDigest, state, org }: Checked,
): Promise<MappingState | 'MAPPING_INVALID' | 'MAPPING_CHANGED'> {
  const checkDigest = checkDigestOf(template);
  if (!isCheckDue(state, { templateDigest, checkDigest }, ports.clock.nowMs())) {
    return state.status === 'invalid' ? 'MAPPING_INVALID' : state;
  }
  const { problems, fieldTypes, traits, details } = checkMapping(
    template,
    name,
    await org.describe(template.sfObject),
    ports.config.mappings,
  );
  const at = nowIso(ports.clock);
  const check = { fieldTypes, traits, details, checkedAt: at, checkedTemplate: checkDigest };
  if (problems.length > 0) {
    await ports.mappingStates.saveSchema(state.mappingId, { ...check, problems });
    return 'MAPPING_INVALID';
  }
  const before = state.revision;
  const after = nextRevision(before, templateDigest, triplesOf(template, fieldTypes));
  const isSaved = await ports.mappingStates.saveSchema(
    state.mappingId,
    // One that never fitted has linked nothing.
    { ...check, problems, identity: identityOf(template) },
    after === before ? undefined : { before, after, at },
  );
  // Somebody else's check was first, perhaps of another template.
  if (!isSaved) return 'MAPPING_CHANGED';
  if (after === before) return { ...state, ...check };
  const { watermark, pass, ...anew } = state;
  return { ...anew, ...check, revision: after };
}

const triplesOf = (
  { fieldMap }: MappingTemplate,
  fieldTypes: Readonly<Record<string, FieldType>>,
): Readonly<Record<string, FieldTriple>> =>
  Object.fromEntries(
    Object.entries(fieldMap).map(([attribute, { field, reference }]) => [
      attribute,
      {
        sfField: field,
        type: must(fieldTypes[field], 'a mapping without problems has all types'),
        ...(reference !== undefined && { reference: referenceText(reference) }),
      },
    ]),
  );

interface Digests {
  readonly templateDigest: string;
  readonly checkDigest: string;
}

function isCheckDue(state: MappingState, { templateDigest, checkDigest }: Digests, nowMs: number): boolean {
  if (!state.fieldTypes || !state.checkedAt || state.checkedTemplate !== checkDigest) return true;
  const age = nowMs - Date.parse(state.checkedAt);
  if (state.status === 'invalid') return age > RECHECK_INVALID_MS;
  return age > CHECK_EVERY_MS || state.revision?.template !== templateDigest;
}
