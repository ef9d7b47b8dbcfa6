import { type MappingTemplate, mappingTemplate } from '../../contracts/sync-config.ts';
import type { MappingRevision } from './revision.ts';
import { digestOfTemplate, planDigestOf } from './template-digest.ts';

/** The template that a mapping with `requirePlan` goes by: the last one that a plan was applied of. */
export interface RunningTemplate {
  /** `planDigestOf` it. */
  readonly digest: string;
  /** As JSON. */
  readonly template: string;
}

/** Which template work goes by. */
export type TemplateToGoBy =
  /** `isNew`: the mapping has run it since before it asked for plans, and it is to be remembered. */
  | { readonly kind: 'deployed'; readonly isNew?: true }
  | { readonly kind: 'running'; readonly template: MappingTemplate }
  /** Nothing has run yet, or nobody knows what. */
  | { readonly kind: 'waits' };

export const runningTemplateOf = (template: MappingTemplate): RunningTemplate => ({
  digest: planDigestOf(template),
  template: JSON.stringify(template),
});

/**
 * Where the template asks for plans, a change of it waits for one that is applied: until then work goes by the one
 * before, or, for a mapping that is new, not at all. What ran before it asked for plans goes on.
 */
export const templateToGoBy = (
  deployed: MappingTemplate,
  { running, revision }: { readonly running?: RunningTemplate; readonly revision?: MappingRevision },
): TemplateToGoBy => {
  if (!deployed.requirePlan || running?.digest === planDigestOf(deployed)) return { kind: 'deployed' };
  const known = running && mappingTemplate.parse(JSON.parse(running.template));
  // While it asked for no plans, what is remembered of it was not kept up.
  const isRemembered = known && digestOfTemplate(known) === revision?.template;
  if (isRemembered) return { kind: 'running', template: { ...known, requirePlan: true } };
  if (revision?.template === digestOfTemplate(deployed)) return { kind: 'deployed', isNew: true };
  return { kind: 'waits' };
};
