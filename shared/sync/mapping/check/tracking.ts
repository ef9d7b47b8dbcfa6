import { deletePoliciesOf } from '../../../contracts/delete-policies.ts';
import type { MappingTemplate } from '../../../contracts/sync-config.ts';
import type { CheckedObject } from '../../model/schema.ts';
import { fieldOf } from './field-of.ts';
import type { Finding } from './finding.ts';

/** The fields that can tell when a record changed, best first. */
export const STAMPS = ['SystemModstamp', 'LastModifiedDate', 'CreatedDate'] as const;
export type Stamp = (typeof STAMPS)[number];

/** By which of its system fields an object's changes are followed. */
export interface Tracking {
  /** Rises with every change that a sweep is to see. */
  readonly stamp: Stamp;
  /** When a person last changed the record: what last-write-wins compares. */
  readonly modified: Stamp;
  /** Whether a row says that it is deleted (`IsDeleted`). */
  readonly tellsDeletions: boolean;
}

/** As nearly all objects are followed. */
export const USUAL_TRACKING: Tracking = {
  stamp: 'SystemModstamp',
  modified: 'LastModifiedDate',
  tellsDeletions: true,
};

export const isUsual = ({ stamp, modified, tellsDeletions }: Tracking): boolean =>
  stamp === USUAL_TRACKING.stamp && modified === USUAL_TRACKING.modified && tellsDeletions;

/** What the sync reads of every record, whatever is mapped. */
export const systemFieldsOf = ({ stamp, modified, tellsDeletions }: Tracking): string[] => [
  ...new Set(['Id', stamp, modified, ...(tellsDeletions ? ['IsDeleted'] : [])]),
];

/**
 * How the object's changes can be followed; undefined where nothing tells of them. `CreatedDate` does where rows are
 * never changed, as those of field history.
 */
export const trackingOf = (sObject: CheckedObject): Tracking | undefined => {
  const has = (name: string): boolean => fieldOf(sObject, name)?.type === 'datetime';
  const stamp = STAMPS.find(has);
  if (stamp === undefined || (stamp === 'CreatedDate' && sObject.updateable)) return undefined;
  const modified = has('LastModifiedDate') ? 'LastModifiedDate' : stamp;
  return { stamp, modified, tellsDeletions: fieldOf(sObject, 'IsDeleted') !== undefined };
};

/** What is to be said of the object's system fields. An object that lacks one of the usual three is only read. */
export const trackingFindings = (
  template: Pick<MappingTemplate, 'direction' | 'deletePolicy'>,
  where: string,
  sObject: CheckedObject,
): Finding[] => {
  const { direction } = template;
  const { name } = sObject;
  const tracking = trackingOf(sObject);
  if (tracking === undefined) {
    return [
      {
        code: 'OBJECT_NOT_FOLLOWED',
        weight: 'stops',
        where,
        says:
          `${name} has no field SystemModstamp or LastModifiedDate that the connected user can see, so its changes cannot ` +
          'be followed. Allowed: an object that has one of them, or one with CreatedDate whose records never change.',
      },
    ];
  }
  if (isUsual(tracking)) return [];
  if (direction !== 'from-salesforce') {
    const lacks = ['SystemModstamp', 'LastModifiedDate', 'IsDeleted'].filter((one) => !fieldOf(sObject, one));
    return [
      {
        code: 'OBJECT_ONLY_READ',
        weight: 'stops',
        where,
        says:
          `${name} has no field ${lacks.join(' and no field ')} that the connected user can see, so what is written to it ` +
          "cannot be followed. Allowed: direction 'from-salesforce', or an object that has SystemModstamp, " +
          'LastModifiedDate and IsDeleted.',
      },
    ];
  }
  return [...stampNotices(tracking, where, name), ...deletionNotices(tracking, template, where, name)];
};

const stampNotices = ({ stamp }: Tracking, where: string, name: string): Finding[] => {
  if (stamp === 'SystemModstamp') return [];
  const missed =
    stamp === 'LastModifiedDate'
      ? 'a change that Salesforce itself makes, without setting that date, is missed'
      : 'a record comes in when it is made, and is not looked at again';
  return [
    {
      code: 'STAMP_MISSES_CHANGES',
      weight: 'notice',
      where,
      says: `${name} has no field SystemModstamp, so its changes are found by ${stamp}: ${missed}.`,
    },
  ];
};

/** A policy is no mistake there: a person's word that a record was deleted follows it. */
const deletionNotices = (
  { tellsDeletions }: Tracking,
  template: Pick<MappingTemplate, 'direction' | 'deletePolicy'>,
  where: string,
  name: string,
): Finding[] => {
  if (tellsDeletions) return [];
  const { fromSalesforce } = deletePoliciesOf(template);
  const until =
    fromSalesforce === 'ignore'
      ? ''
      : ', whatever deletePolicy says, until somebody says with treat-as-deleted that its record was deleted';
  return [
    {
      code: 'DELETIONS_NOT_SEEN',
      weight: 'notice',
      where,
      says: `${name} has no field IsDeleted, so nothing tells of a deletion: the item stays${until}.`,
    },
  ];
};
