import type { Headers } from '../transport/calls.ts';
import { idOf } from './paths.ts';

/** How a write is to be treated; each is left to the org where it is not named. */
export interface WriteOptions {
  /** For leads, cases and accounts: no assignment rule, or the one of this id. @default the active rule runs */
  readonly assignmentRule?: 'none' | { readonly id: string };
  /** @default duplicates are refused where a rule says so */
  readonly duplicateRule?: {
    /** Write the record although a rule that only warns found others like it. */
    readonly allowSave?: boolean;
    /** Tell which fields of the other records match. */
    readonly includeRecordDetails?: boolean;
    /** Look with the user's own sharing, instead of that of the rule. */
    readonly runAsCurrentUser?: boolean;
  };
  /** Whether the record joins the user's recently used ones. From API version 60.0 on. @default the org's */
  readonly updateMru?: boolean;
  /** The longest that the whole exchange may take, in milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * The headers that a write carries, alone or as a step of a composite call.
 *
 * @see REST API guide, "Assignment Rule Header", "Duplicate Rule Header", "MRU Header"
 */
export function writeOptionHeaders(options: WriteOptions): Headers {
  const { assignmentRule, duplicateRule, updateMru } = options;
  const headers: Record<string, string> = {};
  if (assignmentRule !== undefined)
    headers['sforce-auto-assign'] =
      assignmentRule === 'none' ? 'FALSE' : idOf(assignmentRule.id, 'The assignment rule');
  const duplicateParts = Object.entries(duplicateRule ?? {}).map(
    ([name, value]) => `${name}=${value === true}`,
  );
  if (duplicateParts.length > 0) headers['sforce-duplicate-rule-header'] = duplicateParts.join('; ');
  if (updateMru !== undefined) headers['sforce-mru'] = `updateMru=${updateMru === true}`;
  return headers;
}
