import * as z from 'zod/mini';
import type { Clock } from '../../contracts/clock.ts';
import { unusable } from '../errors/unsendable.ts';
import type { OrgCalls } from '../transport/calls.ts';
import { conditionalReads } from '../transport/conditional-reads.ts';
import { sObjectUrl } from './paths.ts';

const flag = z._default(z.nullish(z.boolean()), false);
const text = z.nullish(z.string());

const recordTypeInfo = z.looseObject({
  name: z.string(),
  /** Since API version 43.0. */
  developerName: text,
  recordTypeId: z.string(),
  active: flag,
  /** To this user. */
  available: flag,
  master: flag,
  defaultRecordTypeMapping: flag,
});

const fieldDescription = z.looseObject({
  name: z.string(),
  label: text,
  type: z.string(),
  length: z.nullish(z.number()),
  precision: z.nullish(z.number()),
  scale: z.nullish(z.number()),
  createable: flag,
  updateable: flag,
  nillable: flag,
  defaultedOnCreate: flag,
  calculated: flag,
  autoNumber: flag,
  externalId: flag,
  idLookup: flag,
  unique: flag,
  caseSensitive: flag,
  compoundFieldName: text,
  referenceTo: z.nullish(z.array(z.string())),
  relationshipName: text,
  /** Such as `plaintextarea` or `richtextarea`. */
  extraTypeInfo: text,
  restrictedPicklist: flag,
  picklistValues: z.nullish(z.array(z.looseObject({ value: z.string(), label: text, active: flag }))),
});

const summary = {
  name: z.string(),
  label: text,
  keyPrefix: text,
  createable: flag,
  updateable: flag,
  deletable: flag,
  undeletable: flag,
  queryable: flag,
  retrieveable: flag,
  replicateable: flag,
  custom: flag,
};

const sObjectSummary = z.looseObject(summary);
const sObjectDescription = z.looseObject({
  ...summary,
  fields: z.array(fieldDescription),
  recordTypeInfos: z.nullish(z.array(recordTypeInfo)),
});
const orgDescription = z.looseObject({
  maxBatchSize: z.nullish(z.number()),
  sobjects: z.array(sObjectSummary),
});

/** All callers share one object, so it is read-only. */
type Shared<T> = T extends readonly (infer I)[]
  ? readonly Shared<I>[]
  : T extends object
    ? { readonly [K in keyof T]: Shared<T[K]> }
    : T;

/** An sObject as this user sees it, with everything that the platform describes. */
export type SObjectDescribe = Shared<z.infer<typeof sObjectDescription>>;
/** The sObjects of an org, without their fields. */
export type OrgDescribe = Shared<z.infer<typeof orgDescription>>;

/** The descriptions of one org, remembered for five minutes and then asked for with `If-Modified-Since`. */
export interface Describes {
  describe(sObject: string): Promise<SObjectDescribe>;
  describeGlobal(): Promise<OrgDescribe>;
  recordTypeId(sObject: string, developerName: string): Promise<string>;
}

/** Programs use a few objects; a bound for one that describes every object of the org. */
const MAX_KEPT = 50;

/** @param maxKept - descriptions that are remembered; each may hold a megabyte */
export function makeDescribes(calls: OrgCalls, clock: Clock, maxKept = MAX_KEPT): Describes {
  const one = conditionalReads(calls, clock, sObjectDescription, maxKept);
  const all = conditionalReads(calls, clock, orgDescription, maxKept);
  const describe = async (sObject: string) =>
    one(`describe ${sObject}`, `${sObjectUrl(calls, sObject)}/describe`);
  return {
    describe,
    describeGlobal: () => all('describe all', `${calls.basePath}/sobjects`),
    recordTypeId: async (sObject, developerName) => findRecordType(await describe(sObject), developerName),
  };
}

function findRecordType({ name, recordTypeInfos }: SObjectDescribe, developerName: string): string {
  const infos = recordTypeInfos ?? [];
  const found = infos.find((info) => info.developerName?.toLowerCase() === developerName.toLowerCase());
  if (found) return found.recordTypeId;
  const known = infos.flatMap((info) => info.developerName ?? []).sort();
  const list = known.length === 0 ? 'none is visible to this user' : `there are ${known.join(', ')}`;
  throw unusable(
    'UNKNOWN_RECORD_TYPE',
    `${name} has no record type with the developer name ${JSON.stringify(developerName.slice(0, 80))}: ${list}.`,
  );
}
