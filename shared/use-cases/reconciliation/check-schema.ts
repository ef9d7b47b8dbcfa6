import { type Clock, nowIso } from '../../contracts/clock.ts';
import { SyncError } from '../../contracts/next.ts';
import type { MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import { must } from '../../sync/assert.ts';
import { checkMapping, type MappingCheck } from '../../sync/mapping/check.ts';
import { identityOf } from '../../sync/mapping/identity.ts';
import { referenceText } from '../../sync/mapping/reference-graph.ts';
import { fieldsLeftIn } from '../../sync/mapping/resolve.ts';
import { type FieldTriple, nextRevision } from '../../sync/mapping/revision.ts';
import { checkNameOf } from '../../sync/mapping/template-digest.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';
import type { Events } from '../ports/runtime.ts';
import type { SalesforceOrg } from '../ports/salesforce-org.ts';
import { driftOf, tellDrift } from './drift.ts';

export interface CheckSchemaPorts {
  readonly mappingStates: Pick<MappingStates, 'saveSchema' | 'restart'>;
  readonly events: Events;
  readonly clock: Clock;
}

/** What is checked. */
export interface Checked {
  readonly template: MappingTemplate;
  /** All of the config, which its lookups may lead to. */
  readonly templates: SyncConfig['mappings'];
  /** Of the mapping in the config. */
  readonly name: string;
  readonly templateDigest: string;
  readonly state: MappingState;
  readonly org: SalesforceOrg;
}

/** An admin may change fields or permissions at any time; a day bounds how long a mapping runs on an old check. */
const CHECK_EVERY_MS = 24 * 3_600_000;
/** A mapping that does not fit is checked again this often: once the org is put right, nobody has to do anything. */
const RECHECK_INVALID_MS = 60_000;

/**
 * The state with the last check's outcome, or a new one's where that is due; or why there is none. What the check finds
 * may make a new revision of the mapping, whose passes begin anew. Whoever listens to the bus is told what does not fit
 * any more, and what fits again. One that fits again is swept at once, however long it had waited.
 *
 * @throws whatever describe throws, with its own `next`
 */
export async function checkedState(
  ports: CheckSchemaPorts,
  checked: Checked,
): Promise<MappingState | 'MAPPING_INVALID' | 'MAPPING_CHANGED'> {
  const { template, templateDigest, state } = checked;
  const checkDigest = checkNameOf(template);
  if (!isCheckDue(state, { templateDigest, checkDigest }, ports.clock.nowMs())) {
    return state.status === 'invalid' ? 'MAPPING_INVALID' : state;
  }
  const found = await checkAgainstOrg(checked);
  const { problems, fieldTypes, traits, details, schema } = found;
  const at = nowIso(ports.clock);
  const check = { fieldTypes, traits, details, schema, checkedAt: at, checkedTemplate: checkDigest };
  const drift = driftOf(state, found, checkDigest);
  if (problems.length > 0) {
    await ports.mappingStates.saveSchema(state.mappingId, { ...check, problems });
    await tellDrift(ports.events, state, found, drift);
    return 'MAPPING_INVALID';
  }
  const { revision: before, foreseen } = state;
  const after = nextRevision(before, templateDigest, triplesOf(template, found), foreseen);
  const isSaved = await ports.mappingStates.saveSchema(
    state.mappingId,
    // One that never fitted has linked nothing.
    { ...check, problems, identity: identityOf(template) },
    after === before ? undefined : { before, foreseen, after, at },
  );
  // Somebody else's check was first, perhaps of another template.
  if (!isSaved) return 'MAPPING_CHANGED';
  await tellDrift(ports.events, state, found, drift);
  if (state.status === 'invalid') await ports.mappingStates.restart(state.mappingId, at);
  if (after === before) return { ...state, ...check };
  const { watermark, pass, foreseen: _, ...anew } = state;
  return { ...anew, ...check, revision: after };
}

/** Where describe says that there is no such object, that is what the check has found. */
export async function checkAgainstOrg({
  template,
  templates,
  name,
  org,
}: Omit<Checked, 'state' | 'templateDigest'>): Promise<MappingCheck> {
  try {
    return checkMapping(template, name, await org.describe(template.sfObject), templates);
  } catch (error) {
    if (!(error instanceof SyncError) || !NO_OBJECT.has(error.code)) throw error;
    return checkMapping(template, name, undefined, templates);
  }
}

/** What Salesforce answers to a describe of an object that is not there, or that the user may not see. */
const NO_OBJECT: ReadonlySet<string> = new Set(['NOT_FOUND', 'INVALID_TYPE']);

/** What the fields of a mapping without problems belong to, by attribute. */
export const triplesOf = (
  template: MappingTemplate,
  { fieldTypes, schema }: MappingCheck,
): Readonly<Record<string, FieldTriple>> =>
  Object.fromEntries(
    Object.entries(fieldsLeftIn(template, schema)).map(([attribute, { field, reference }]) => [
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
