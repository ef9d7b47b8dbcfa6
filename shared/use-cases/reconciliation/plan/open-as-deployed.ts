import { identityProblems } from '../../../sync/mapping/identity.ts';
import { configuredMapping, resolveMapping } from '../../../sync/mapping/resolve.ts';
import { nextRevision } from '../../../sync/mapping/revision.ts';
import { checkNameOf, digestOfTemplate } from '../../../sync/mapping/template-digest.ts';
import { isForTenant } from '../../../sync/mapping/tenancy.ts';
import { type WhatIf, withWhatIf } from '../../../sync/plan/what-if.ts';
import type { MappingState, MappingStates } from '../../ports/mapping-states.ts';
import { type Checked, checkAgainstOrg, triplesOf } from '../check-schema.ts';
import type { ClosedMapping, OpenMapping, OpenMappingPorts } from '../open-mapping.ts';

type OpenedAsDeployed =
  | (OpenMapping & {
      /** The mapping's state as it is stored. */
      readonly stored: MappingState;
    })
  | (ClosedMapping & { readonly problems?: readonly string[] });

/**
 * Opens the mapping as the deployed config has it, with the policies of the plan, whether or not work goes by that yet:
 * a revision that has not begun is worked out as it would be, and nothing is stored. Costs one describe where the last
 * check was of another template.
 *
 * @throws whatever describe throws, with its own `next`
 */
export async function openAsDeployed(
  ports: Pick<OpenMappingPorts, 'config' | 'connections' | 'orgs'> & {
    readonly mappingStates: Pick<MappingStates, 'get'>;
  },
  mappingId: string,
  whatIf: WhatIf,
): Promise<OpenedAsDeployed> {
  const configured = configuredMapping(ports.config, mappingId);
  if (!configured) return { kind: 'closed', reason: 'UNKNOWN_MAPPING' };
  const { connectionId, name, template: deployed, table } = configured;
  const [connection, state] = await Promise.all([
    ports.connections.get(connectionId),
    ports.mappingStates.get(mappingId),
  ]);
  if (!connection || !state) return { kind: 'closed', reason: 'UNKNOWN_CONNECTION' };
  if (!isForTenant(table, connection.orgId)) return { kind: 'closed', reason: 'UNKNOWN_MAPPING' };
  // Applied, the plan would write.
  if (state.rehearsal) return { kind: 'closed', reason: 'MAPPING_REHEARSED' };
  if (connection.status === 'revoked') return { kind: 'closed', reason: 'CONNECTION_REVOKED' };
  if (connection.status !== 'active') return { kind: 'closed', reason: 'CONNECTION_NOT_ACTIVE' };
  const template = withWhatIf(deployed, whatIf);
  const identity = state.identity ? identityProblems(template, name, state.identity) : [];
  if (identity.length > 0) return { kind: 'closed', reason: 'MAPPING_INVALID', problems: identity };
  const org = await ports.orgs.open(connectionId, connection.tokenVersion);
  const { mappings: templates } = ports.config;
  const found = await asChecked({ template, templates, name, state, org });
  if ('problems' in found) return { kind: 'closed', reason: 'MAPPING_INVALID', problems: found.problems };
  const { fieldTypes = {}, revision, traits, details, schema } = found.state;
  const context = { templates, traits, details, schema };
  const mapping = resolveMapping(template, table, name, connection, fieldTypes, revision, context);
  return { kind: 'open', mapping, state: found.state, stored: state, connection, org };
}

/** The state as a check of this template leaves it: as it is, where that was the last one, else as it would be. */
async function asChecked(
  checked: Omit<Checked, 'templateDigest'>,
): Promise<{ readonly state: MappingState } | { readonly problems: readonly string[] }> {
  const { template, state } = checked;
  // Not by the revision: a mark that is new, or the right to delete, is to be asked about too, and makes none.
  const isLastCheck = state.checkedTemplate === checkNameOf(template);
  if (state.status !== 'invalid' && state.fieldTypes && isLastCheck) return { state };
  const found = await checkAgainstOrg(checked);
  if (found.problems.length > 0) return { problems: found.problems };
  const { fieldTypes, traits, details, schema } = found;
  const triples = triplesOf(template, found);
  const revision = nextRevision(state.revision, digestOfTemplate(template), triples, state.foreseen);
  return { state: { ...state, fieldTypes, traits, details, schema, revision } };
}
