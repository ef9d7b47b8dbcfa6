import type { FieldType } from '../model/values.ts';

/** What a base value belongs to, beside its attribute. */
export interface FieldTriple {
  readonly sfField: string;
  readonly type: FieldType;
  /** Whose keys the values are, where the field is a lookup to other mappings: see `referenceText`. */
  readonly reference?: string;
}

/**
 * What a mapping is, counted: the number rises with every change that a pass or a base depends on, and never falls,
 * also when the code goes back to what it was.
 */
export interface MappingRevision {
  readonly revision: number;
  /** The revision that last changed a field's triple of attribute, Salesforce field and type. */
  readonly fieldsRevision: number;
  /** By attribute; `since` is the revision from which on its triple is as it is. */
  readonly fields: Readonly<Record<string, FieldTriple & { readonly since: number }>>;
  /** The digest of the template (`digestOfTemplate`). */
  readonly template: string;
}

/**
 * The revision of a mapping with this template and these fields: the one before where nothing changed, else the next.
 * An attribute that was gone and comes back begins anew, since its base may be old.
 *
 * @param foreseen - one that has not begun, and that links are labelled with all the same: it begins now, or whatever
 *   begins in its stead comes after it
 */
export const nextRevision = (
  before: MappingRevision | undefined,
  template: string,
  fields: Readonly<Record<string, FieldTriple>>,
  foreseen?: MappingRevision,
): MappingRevision => {
  const next = following(before, template, fields);
  return foreseen === undefined || next === before ? next : following(foreseen, template, fields);
};

/** What runs, as it goes on after a revision that was foreseen and does not begin: it can read the links of that one. */
export const goingOnAfter = (
  foreseen: MappingRevision,
  { template, fields }: MappingRevision,
): MappingRevision => following(foreseen, template, fields);

const following = (
  before: MappingRevision | undefined,
  template: string,
  fields: Readonly<Record<string, FieldTriple>>,
): MappingRevision => {
  const revision = (before?.revision ?? 0) + 1;
  const known = before?.fields ?? {};
  const entries = Object.entries(fields).map(([attribute, triple]) => {
    const old = known[attribute];
    const isSame =
      old?.sfField === triple.sfField && old.type === triple.type && old.reference === triple.reference;
    return [attribute, { ...triple, since: isSame ? old.since : revision }] as const;
  });
  const isFieldNew = entries.some(([, { since }]) => since === revision);
  const areFieldsSame = before !== undefined && !isFieldNew && entries.length === Object.keys(known).length;
  if (areFieldsSame && before.template === template) return before;
  return {
    revision,
    fieldsRevision: areFieldsSame ? before.fieldsRevision : revision,
    fields: Object.fromEntries(entries),
    template,
  };
};
