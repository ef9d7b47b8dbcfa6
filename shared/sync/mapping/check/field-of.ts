import type { CheckedField, CheckedObject } from '../../model/schema.ts';

/** The object's field of exactly this name. */
export const fieldOf = (sObject: CheckedObject, name: string): CheckedField | undefined =>
  sObject.fields.find((field) => field.name === name);

/** The same in any case, as SOQL finds it. */
export const fieldInSoql = (sObject: CheckedObject, name: string): CheckedField | undefined =>
  sObject.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
