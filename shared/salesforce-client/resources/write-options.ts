import type { Headers } from '../transport/calls.ts';
import { idOf } from './paths.ts';

/** How a write is to be treated. What is left out is up to the org. */
export interface WriteOptions {
  /** For leads, cases and accounts: run no assignment rule, or the one with this id. @default the active rule runs */
  readonly assignmentRule?: 'none' | { readonly id: string };
  /** @default duplicate rules decide */
  readonly duplicateRule?: {
    /** Save the record although a rule that only warns found duplicates. */
    readonly allowSave?: boolean;
    /** Include the matching fields of the duplicates in the answer. */
    readonly includeRecordDetails?: boolean;
    /** Search with the sharing of the current user, instead of that of the rule. */
    readonly runAsCurrentUser?: boolean;
  };
  /** Whether the record is added to the user's recently used ones. API version 60.0 or later. @default the org's setting */
  readonly updateMru?: boolean;
  /** How long each call may take, in milliseconds. @default two minutes for many records, otherwise the transport's */
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
