import type { Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import { at, pick, withoutNulls } from './field-values.ts';
import type { CreateLocalPlan, CreateRemotePlan } from './plan.ts';

/** The item that a record makes. */
export const createLocal = (mapping: Mapping, remote: RemoteRecord): CreateLocalPlan => {
  const incoming = mapping.fields.filter(({ direction }) => direction !== 'to-salesforce');
  return {
    kind: 'create-local',
    values: withoutNulls(incoming, remote.values),
    nextBase: pick(incoming, remote.values),
    ...(mapping.localIdField === undefined ? {} : { setLocalSfId: remote.sfId }),
  };
};

/** The record that an item makes. */
export const createRemote = (mapping: Mapping, local: LocalItem): CreateRemotePlan => {
  const outgoing = mapping.fields.filter(({ direction }) => direction !== 'from-salesforce');
  const empty = outgoing.filter(({ localField }) => at(local.values, localField) === null);
  return {
    kind: 'create-remote',
    values: withoutNulls(outgoing, local.values),
    nextBase: pick(outgoing, local.values),
    // A record that does not exist has nothing in any field.
    baseBeforeRemote: pick(empty, local.values),
  };
};
