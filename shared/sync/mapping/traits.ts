/** What the last check of an org's schema found of a mapping's fields, beside their types. */
export interface FieldTraits {
  /** API names of lookups that Salesforce takes with a new record and never after, such as most master-detail fields. */
  readonly createOnly: readonly string[];
  /** Whether the connected user may write the external id into a record that exists. */
  readonly isKeyUpdateable: boolean;
}
