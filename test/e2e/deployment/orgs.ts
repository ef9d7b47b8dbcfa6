import type { OrgRows } from '../../../local/stack/local-stack.ts';

/**
 * The simulated orgs, one for each file: what one file revokes, slows down or fills is none of the others' business,
 * and two files run at the same time. A user's sixth approval of an app ends the first, so few tenants share an org.
 */
export const ORGS = {
  loads: { accounts: 300, contacts: 5_000 },
  authorizations: { accounts: 3, contacts: 3 },
  operations: { accounts: 3, contacts: 3 },
  secrets: { accounts: 3, contacts: 3 },
  edits: { accounts: 8, contacts: 12 },
  messages: { accounts: 4, contacts: 6 },
  tokens: { accounts: 3, contacts: 12 },
  chaos: { accounts: 2, contacts: 8 },
  crashes: { accounts: 1_200, contacts: 2_400 },
  gathering: { accounts: 2, contacts: 200 },
  grants: { accounts: 3, contacts: 3 },
  references: { accounts: 3, contacts: 3 },
  checks: { accounts: 2, contacts: 6 },
  disconnecting: { accounts: 3, contacts: 3 },
  'full-sweep': { accounts: 4, contacts: 12 },
  conflicts: { accounts: 6, contacts: 3 },
  plans: { accounts: 2, contacts: 12 },
  deletions: { accounts: 2, contacts: 40 },
  rehearsals: { accounts: 1, contacts: 4 },
  values: { accounts: 3, contacts: 3 },
  allowance: { accounts: 2, contacts: 6 },
  undo: { accounts: 1, contacts: 5_000 },
} as const satisfies Record<string, OrgRows>;

export type OrgName = keyof typeof ORGS;
