import type { ConflictPolicy, DeletePolicy, MappingTemplate } from '../../contracts/sync-config.ts';

/** Policies that a plan goes by, and applying it, instead of those of the mapping. */
export interface WhatIf {
  /** Of every field that has no policy of its own. */
  readonly conflictPolicy?: ConflictPolicy;
  readonly deletePolicy?: DeletePolicy;
}

/** The template as it would be with these policies. */
export const withWhatIf = (template: MappingTemplate, whatIf: WhatIf = {}): MappingTemplate => ({
  ...template,
  ...whatIf,
});
