import { nearestNames } from '../../../contracts/nearest-names.ts';
import type { CheckedObject } from '../../model/schema.ts';

/** Describe leaves out what the user may not read, so that nobody can tell a hidden field from one that is not there. */
export const unseenField = (name: string, sObject: CheckedObject): string => {
  const near = nearestNames(
    name,
    sObject.fields.map((field) => field.name),
  );
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`;
  return (
    `${sObject.name} has no field ${name} that the connected user can see: the org does not have it (any more), or ` +
    `field-level security hides it. Put it back, let the user read it, or change the mapping.${hint}`
  );
};
