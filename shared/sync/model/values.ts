/** A mapped field's value in the one form in which all sides are compared. Dates and datetimes are ISO 8601 strings. */
export type FieldValue = string | number | boolean | null;

/** Values by local attribute name; a field that is absent from a record is `null` here, never left out. */
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** How a field is compared and written, from Salesforce's describe. */
export type FieldType = 'text' | 'number' | 'boolean' | 'date' | 'datetime';
