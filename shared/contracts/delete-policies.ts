import type { DeletePolicy, Direction, MappingTemplate, SyncConfig } from './sync-config.ts';

/** What a deletion on one side does to the other. */
export interface DeletePolicies {
  /** To the item, where the record was deleted. */
  readonly fromSalesforce: DeletePolicy;
  /** To the record, where the item was deleted. */
  readonly toSalesforce: DeletePolicy;
}

/** One word counts for every way that the mapping has; nothing is carried a way that it does not have. */
export const deletePoliciesOf = ({
  deletePolicy,
  direction,
}: Pick<MappingTemplate, 'deletePolicy' | 'direction'>): DeletePolicies => {
  const way = (name: keyof DeletePolicies, closedBy: Direction): DeletePolicy => {
    if (direction === closedBy) return 'ignore';
    return typeof deletePolicy === 'string' ? deletePolicy : (deletePolicy[name] ?? 'ignore');
  };
  return {
    fromSalesforce: way('fromSalesforce', 'to-salesforce'),
    toSalesforce: way('toSalesforce', 'from-salesforce'),
  };
};

/** The field, or the attribute, that says of one side that the other was deleted; undefined with any other policy. */
export const markOf = (policy: DeletePolicy): string | undefined =>
  typeof policy === 'string' ? undefined : policy.mark;

/**
 * The local tables, by name, from which items are deleted: because their records were, or because the change that had
 * made them is taken back.
 */
export const tablesDeletedFrom = ({ mappings }: SyncConfig): ReadonlySet<string> =>
  new Set(
    Object.values(mappings)
      .filter(
        (template) =>
          deletePoliciesOf(template).fromSalesforce === 'propagate' ||
          (template.history?.keep === 'values' && template.direction === 'both'),
      )
      .map(({ localTable }) => localTable),
  );
