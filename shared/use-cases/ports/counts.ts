import type { RunCounts } from './mapping-states.ts';

export const NO_COUNTS: RunCounts = {
  read: 0,
  unchanged: 0,
  createdLocally: 0,
  updatedLocally: 0,
  createdInSalesforce: 0,
  updatedInSalesforce: 0,
  deletedLocally: 0,
  deletedInSalesforce: 0,
  conflicts: 0,
  rejections: 0,
  calls: 0,
};

/** The sum, field by field. */
export function addCounts(a: RunCounts, b: Partial<RunCounts>): RunCounts {
  return {
    read: a.read + (b.read ?? 0),
    unchanged: a.unchanged + (b.unchanged ?? 0),
    createdLocally: a.createdLocally + (b.createdLocally ?? 0),
    updatedLocally: a.updatedLocally + (b.updatedLocally ?? 0),
    createdInSalesforce: a.createdInSalesforce + (b.createdInSalesforce ?? 0),
    updatedInSalesforce: a.updatedInSalesforce + (b.updatedInSalesforce ?? 0),
    deletedLocally: a.deletedLocally + (b.deletedLocally ?? 0),
    deletedInSalesforce: a.deletedInSalesforce + (b.deletedInSalesforce ?? 0),
    conflicts: a.conflicts + (b.conflicts ?? 0),
    rejections: a.rejections + (b.rejections ?? 0),
    calls: a.calls + (b.calls ?? 0),
  };
}
