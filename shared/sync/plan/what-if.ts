import type { ConflictPolicy, DELETE_POLICIES, MappingTemplate } from '../../contracts/sync-config.ts';

/** Policies that a plan goes by, and applying it, instead of those of the mapping. */
export interface WhatIf {
  /** Of every field that has no policy of its own. */
  readonly conflictPolicy?: ConflictPolicy;
  /** Of both directions; no mark, whose field the org would have to be asked about. */
  readonly deletePolicy?: (typeof DELETE_POLICIES)[number];
}

/** The template as it would be with these policies. */
export const withWhatIf = (template: MappingTemplate, whatIf: WhatIf = {}): MappingTemplate => ({
  ...template,
  ...whatIf,
});
