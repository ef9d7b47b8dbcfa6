import * as z from 'zod/mini';
import { MAX_KEYS_PER_HINT } from '../../shared/contracts/hints.ts';
import {
  CONFLICT_POLICIES,
  DELETE_POLICIES,
  isTooFresh,
  mappingTemplate,
} from '../../shared/contracts/sync-config.ts';
import { tenantId } from '../../shared/contracts/tenant.ts';
import { FINDING_KINDS } from '../../shared/sync/full-sweep/findings.ts';

/** Everything with which an operator or a program of theirs may call, by `action`. */
const connectionId = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id of a connection'));
const mappingId = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9_-]{1,64}\.[A-Za-z][A-Za-z0-9_-]{0,62}$/,
      'must be the id of a mapping: "{connectionId}.{name}"',
    ),
  );
/** The tenant, as the API has always called it. */
const orgId = tenantId;
/** What a mapping that is not there yet asks of the org's allowance. */
const plannedMapping = z
  .pick(mappingTemplate, { schedule: true, freshness: true, formulas: true, fullSweep: true })
  .check(z.refine((planned) => !isTooFresh(planned), 'has a freshness that is shorter than its schedule'));
/** A local attribute, and the key of an item. */
const field = z.string().check(z.minLength(1), z.maxLength(255));
const key = z.string().check(z.minLength(1), z.maxLength(2048));
const time = z.iso.datetime({ offset: true, error: 'must be a time in ISO 8601 with its offset' });
/** The `next` of an answer before. */
const after = z.string().check(z.maxLength(8192));
/** Whose value both sides are to have; `value` goes with `take` of that name alone. */
const choice = {
  take: z.enum(['salesforce', 'local', 'value']),
  value: z.optional(z.union([z.string().check(z.maxLength(131_072)), z.number(), z.boolean(), z.null()])),
};
const openConflicts = {
  mappingId,
  field: z.optional(field),
  olderThan: z.optional(time),
  after: z.optional(after),
};
/** What a listing shows unless told otherwise, and at most. */
const limit = z._default(z.number().check(z.int(), z.gte(1), z.lte(200)), 50);

/** The key of an item, as long as a hint may name it. */
const itemKey = z.string().check(z.minLength(1), z.maxLength(1024));
/** As a person copies it from a page's address or a report. */
const anySfId = z.string().check(z.minLength(15), z.maxLength(18));
const sfId = z.string().check(z.regex(/^[A-Za-z0-9]{18}$/, 'must be a Salesforce id of 18 characters'));
/** Where a listing goes on, as it said itself. */
const place = z.string().check(z.maxLength(4096));
/** Of a report or a plan that the caller has read. */
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be the hash of a report or a plan'));
/** Of a list that the caller has seen. */
const version = z.number().check(z.int(), z.gte(1));

/** A page of a plan, from 0. */
const page = z._default(z.number().check(z.int(), z.gte(0), z.lte(1_000_000)), 0);
const planId = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id of a plan'));
/** The side that would lose the field. */
const side = z.enum(['local', 'salesforce']);

/** Of a full sweep: the fields that Salesforce computes alone; everything, if left out. */
const sweepScope = z.optional(z.literal('formulas'));

export const operation = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('issue-ticket'),
    orgId,
    /** `production`, `sandbox` or a My Domain host. */
    loginHost: z.optional(z.string().check(z.maxLength(300))),
  }),
  z.strictObject({ action: z.literal('connections'), orgId }),
  z.strictObject({ action: z.literal('mappings'), connectionId }),
  z.strictObject({ action: z.literal('mapping-report'), mappingId }),
  z.strictObject({ action: z.literal('check-now'), mappingId }),
  z.strictObject({ action: z.literal('allowance'), connectionId }),
  z.strictObject({
    action: z.literal('forecast'),
    connectionId,
    add: z.optional(z.array(plannedMapping).check(z.maxLength(100))),
    changedKeysPerDay: z.optional(z.number().check(z.int(), z.gte(0), z.lte(1_000_000_000))),
  }),
  z.strictObject({ action: z.literal('pause'), connectionId }),
  z.strictObject({ action: z.literal('resume'), connectionId }),
  z.strictObject({ action: z.literal('disconnect'), connectionId }),
  z.strictObject({ action: z.literal('outbound-message-url'), connectionId }),
  z.strictObject({ action: z.literal('run-now'), mappingId }),
  z.strictObject({ action: z.literal('push-now'), mappingId }),
  z.strictObject({ action: z.literal('conflicts'), mappingId, limit }),
  z.strictObject({ action: z.literal('open-conflicts'), ...openConflicts, limit }),
  z.strictObject({
    action: z.literal('resolve-conflict'),
    mappingId,
    key,
    field,
    /** As the list of open conflicts has it. */
    version,
    ...choice,
  }),
  z.strictObject({ action: z.literal('resolve-conflicts'), ...openConflicts, ...choice }),
  z.strictObject({ action: z.literal('rejections'), mappingId, limit, after: z.optional(after) }),
  z.strictObject({ action: z.literal('runs'), mappingId, limit }),
  z.strictObject({ action: z.literal('waiting'), mappingId, limit, after: z.optional(after) }),
  z.strictObject({
    action: z.literal('why'),
    mappingId,
    /** The item's key, or else the record's id. */
    key: z.optional(itemKey),
    sfId: z.optional(anySfId),
    field: z.optional(field),
    limit,
  }),
  z.strictObject({ action: z.literal('full-sweep'), mappingId, scope: sweepScope }),
  z.strictObject({ action: z.literal('full-sweep-status'), mappingId, scope: sweepScope }),
  z.strictObject({
    action: z.literal('full-sweep-findings'),
    mappingId,
    /** All kinds, if left out. */
    kind: z.optional(z.enum(FINDING_KINDS)),
    /** The `next` of the page before. */
    after: z.optional(z.string().check(z.minLength(1), z.maxLength(1024))),
    limit,
  }),
  z.strictObject({
    action: z.literal('plan'),
    mappingId,
    /** Policies to go by instead of the mapping's own. */
    whatIf: z._default(
      z.strictObject({
        conflictPolicy: z.exactOptional(z.enum(CONFLICT_POLICIES)),
        deletePolicy: z.exactOptional(z.enum(DELETE_POLICIES)),
      }),
      {},
    ),
    /** The pages show field values. */
    withValues: z._default(z.boolean(), false),
  }),
  z.strictObject({ action: z.literal('plan-status'), mappingId }),
  z.strictObject({ action: z.literal('plan-page'), mappingId, planId, page }),
  z.strictObject({
    action: z.literal('apply-plan'),
    mappingId,
    planId,
    hash,
    /** Of an undo that deletes or clears many: as many as its plan says. */
    allowMass: z._default(z.boolean(), false),
  }),
  z
    .strictObject({
      action: z.literal('undo'),
      mappingId,
      /** A run, a plan or an undo whose changes are taken back. */
      runId: z.optional(planId),
      from: z.optional(time),
      to: z.optional(time),
      /** One record alone, by its item's key or its own id. */
      key: z.optional(itemKey),
      sfId: z.optional(anySfId),
      withValues: z._default(z.boolean(), false),
    })
    .check(
      z.refine(({ runId, from }) => runId !== undefined || from !== undefined, 'must have a runId or from'),
      z.refine(({ key, sfId: id }) => key === undefined || id === undefined, 'must not have key and sfId'),
    ),
  z.strictObject({ action: z.literal('plan-leftovers'), mappingId, planId, page }),
  z.strictObject({ action: z.literal('proof'), mappingId }),
  z.strictObject({ action: z.literal('certificate'), mappingId }),
  z.strictObject({ action: z.literal('tombstones'), mappingId, limit, after: z.optional(place) }),
  z.strictObject({ action: z.literal('release-tombstone'), mappingId, key: itemKey }),
  z
    .strictObject({
      action: z.literal('treat-as-deleted'),
      mappingId,
      keys: z.optional(z.array(itemKey).check(z.minLength(1), z.maxLength(MAX_KEYS_PER_HINT))),
      sfIds: z.optional(z.array(sfId).check(z.minLength(1), z.maxLength(MAX_KEYS_PER_HINT))),
    })
    .check(
      z.refine(({ keys, sfIds }) => keys !== undefined || sfIds !== undefined, 'must have keys or sfIds'),
    ),
  z.strictObject({ action: z.literal('held-deletions'), mappingId, limit, after: z.optional(after) }),
  z.strictObject({ action: z.literal('release-deletions'), mappingId, version }),
  z.strictObject({ action: z.literal('refuse-deletions'), mappingId, version }),
  z.strictObject({
    action: z.literal('rehearsal-report'),
    mappingId,
    /** With the values of the samples, which are somebody's data. */
    withValues: z.optional(z.boolean()),
    limit: z._default(z.number().check(z.int(), z.gte(1), z.lte(100)), 10),
  }),
  z.strictObject({ action: z.literal('promote-rehearsal'), mappingId, hash }),
  z.strictObject({ action: z.literal('held-clears'), mappingId, limit, after: z.optional(after) }),
  z.strictObject({ action: z.literal('release-clears'), mappingId, side, field, version }),
  z.strictObject({ action: z.literal('refuse-clears'), mappingId, side, field, version }),
]);
export type Operation = z.infer<typeof operation>;
