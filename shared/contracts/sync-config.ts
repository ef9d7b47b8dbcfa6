import * as z from 'zod/mini';
import { LOCAL_TENANT_INDEX } from './tables.ts';
import { tenantId } from './tenant.ts';

/** Which side may change a field, or a mapping's records. */
export const DIRECTIONS = ['both', 'from-salesforce', 'to-salesforce'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Who decides when both sides changed one field differently. */
export const CONFLICT_POLICIES = ['last-write-wins', 'salesforce-wins', 'local-wins', 'manual'] as const;
export type ConflictPolicy = (typeof CONFLICT_POLICIES)[number];

/** What becomes of a mapping whose fields do not fit the org: all of it stops, or the others go on. */
const DRIFT_POLICIES = ['stop', 'leave-out'] as const;

/** What becomes of a record that a duplicate rule of the org only warns of: it is refused, or saved all the same. */
const DUPLICATE_RULES = ['respect', 'allow'] as const;

/** What becomes of the other side when a record is deleted on one. */
export const DELETE_POLICIES = ['ignore', 'propagate'] as const;
/** `mark`: the other side stays, and this field of it says that its partner was deleted. */
export type DeletePolicy = (typeof DELETE_POLICIES)[number] | { readonly mark: string };

/** How an item writes a field, where that is not the field's own value. */
const FIELD_FORMS = ['list', 'set', 'label', 'developerName'] as const;
export type FieldForm = (typeof FIELD_FORMS)[number];

const name = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
      'must be a letter followed by letters, digits, "_" or "-", 63 characters at most',
    ),
  );
const attribute = z.string().check(z.minLength(1), z.maxLength(255));
/** An API name as Salesforce makes them, with an optional namespace and suffix. */
const apiName = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z][A-Za-z0-9_]{0,79}$/,
      'must be a Salesforce API name: a letter followed by letters, digits or "_", 80 characters at most',
    ),
  );

const indexName = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9_.-]{3,255}$/,
      'must be the name of an index: 3 to 255 letters, digits, "_", "." or "-"',
    ),
  );

const tableArn = /^arn:[^:]+:dynamodb:[^:]*:[^:]*:table\/[A-Za-z0-9_.-]+$/;
const streamArn = /^arn:[^:]+:dynamodb:[^:]*:[^:]*:table\/[A-Za-z0-9_.-]+\/stream\/.+$/;

/** A table of items that are kept in step. */
export const localTable = z.strictObject({
  /** The partition key of the table, of type string; tables with a sort key are not supported. */
  keyField: attribute,
  /** The attribute that names an item's tenant. */
  tenantField: z.optional(attribute),
  /** Or: every item belongs to this one tenant. */
  tenant: z.optional(tenantId),
  /**
   * The attribute with an item's time to live, in seconds since the epoch, for an existing table that is a replica of a
   * global table: an item that another region let expire is not taken for one that somebody deleted.
   */
  ttlAttribute: z.optional(attribute),
  /**
   * Indexes by which a record without a link finds an item: attribute to the name of a global secondary index. Its
   * partition key is the attribute (a string), its sort key `tenantField` where the table has one. The stack makes
   * them on its own tables; an existing table has them already.
   */
  matchIndexes: z.optional(z.record(attribute, indexName)),
  /** A table that exists already, with a stream of new and old images; left out, the stack makes the table. */
  existing: z.optional(
    z.strictObject({
      tableArn: z.string().check(z.regex(tableArn, 'must be the ARN of a DynamoDB table')),
      streamArn: z.string().check(z.regex(streamArn, 'must be the ARN of a DynamoDB stream')),
      /** An index of it whose partition key is `tenantField`; required where tenants share the table. */
      tenantIndex: z.optional(indexName),
      /** The key that encrypts it, where that is a customer's own. */
      keyArn: z.optional(z.string().check(z.regex(/^arn:[^:]+:kms:/, 'must be the ARN of a KMS key'))),
    }),
  ),
});

/**
 * The mapping whose items a lookup names; or, for a lookup to several objects, one mapping for each of them; or, where
 * several mappings have records of one object, a list of mappings.
 */
const reference = z.union([name, z.array(name).check(z.maxLength(10)), z.record(apiName, name)]);

/** One field of a mapping, with options of its own. */
export const fieldMapping = z.strictObject({
  field: apiName,
  /** The field is a lookup: the attribute holds the local key of an item of that mapping. */
  reference: z.optional(reference),
  direction: z.optional(z.enum(DIRECTIONS)),
  conflictPolicy: z.optional(z.enum(CONFLICT_POLICIES)),
  /**
   * `list` or `set`: the values of a multi-select picklist; `label`: those of a picklist by their labels; `developerName`:
   * a record type by that name, of `RecordTypeId`.
   */
  as: z.optional(z.enum(FIELD_FORMS)),
  /** Sent to Salesforce with the creation of a record, and never after. */
  createOnly: z.optional(z.literal(true)),
  /** Sent to Salesforce with changes of a record, and not with its creation. */
  updateOnly: z.optional(z.literal(true)),
});

/** A value that is the same for every record. */
const constant = z.union([z.string().check(z.minLength(1), z.maxLength(4000)), z.number(), z.boolean()]);
export type Constant = z.infer<typeof constant>;

/** Which items go out: a claim about an attribute (a dot leads into a map), or several of which all, or any, must hold. */
export type LocalFilter =
  | { readonly attribute: string; readonly equals: Constant }
  | { readonly attribute: string; readonly in: readonly Constant[] }
  | { readonly attribute: string; readonly exists: boolean }
  | { readonly all: readonly LocalFilter[] }
  | { readonly any: readonly LocalFilter[] };

const MAX_CLAIMS = 50;
const claims = z.lazy(() => z.array(localFilter).check(z.minLength(1), z.maxLength(MAX_CLAIMS)));
const localFilter: z.ZodMiniType<LocalFilter> = z.lazy(() =>
  z.union([
    z.strictObject({ attribute, equals: constant }),
    z.strictObject({ attribute, in: z.array(constant).check(z.minLength(1), z.maxLength(100)) }),
    z.strictObject({ attribute, exists: z.boolean() }),
    z.strictObject({ all: claims }),
    z.strictObject({ any: claims }),
  ]),
);

/** A field's API name alone stands for `{ field }`: once read, only the long form is left. */
const mappedField = z.pipe(
  z.union([apiName, fieldMapping]),
  z.transform((written) => (typeof written === 'string' ? { field: written } : written)),
);

/** How an item and a record that are not linked find each other. */
const matcher = z.union([
  z.enum(['salesforceId', 'externalId']),
  z.strictObject({ fields: z.array(attribute).check(z.minLength(1), z.maxLength(5)) }),
]);

const deletePolicy = z.enum(DELETE_POLICIES);
/** The items' attribute that gets the time of the deletion. */
const itemDeletePolicy = z.union([deletePolicy, z.strictObject({ mark: attribute })]);
/** The records' checkbox that is ticked. */
const recordDeletePolicy = z.union([deletePolicy, z.strictObject({ mark: apiName })]);

/** One word counts for every way that the mapping has; `fromSalesforce` is what a deletion in Salesforce does to the item. */
const deletePolicies = z.union([
  deletePolicy,
  z.strictObject({
    fromSalesforce: z.optional(itemDeletePolicy),
    toSalesforce: z.optional(recordDeletePolicy),
  }),
]);

/** Which local table corresponds to which sObject; each connection gets a mapping of its own from it. */
export const mappingTemplate = z.strictObject({
  localTable: name,
  sfObject: apiName,
  /** Local attribute to Salesforce field. */
  fieldMap: z.record(attribute, mappedField),
  /** What a record that the sync makes in Salesforce gets where its item has no value for the field. */
  onCreate: z.optional(z.record(apiName, constant)),
  /** The developer name of the record type of records that the sync makes in Salesforce. */
  recordType: z.optional(apiName),
  /** What an item that the sync makes gets in attributes that are not mapped. */
  defaults: z.optional(z.record(attribute, constant)),
  /**
   * A unique external id field of the sObject, which holds the local key of records that were born locally. Without one,
   * records only come in.
   */
  externalIdField: z.optional(apiName),
  /** The local attribute that receives the Salesforce id. */
  localIdField: z.optional(attribute),
  /** How an item finds a record that exists already, in this order; see `matchersOf` for what goes without saying. */
  match: z.optional(z.array(matcher).check(z.minLength(1), z.maxLength(5))),
  direction: z._default(z.enum(DIRECTIONS), 'both'),
  /** A SOQL condition; only records that meet it come in. */
  filter: z.optional(z.string().check(z.minLength(1), z.maxLength(4000))),
  /** Only items that meet it are made in Salesforce; those that are there are followed, whether or not they meet it. */
  localFilter: z.optional(localFilter),
  conflictPolicy: z._default(z.enum(CONFLICT_POLICIES), 'last-write-wins'),
  /** A mapping that a connection gets from now on begins in rehearsal: nothing is written until somebody promotes it. */
  rehearsal: z.optional(z.boolean()),
  onDrift: z._default(z.enum(DRIFT_POLICIES), 'stop'),
  deletePolicy: z._default(deletePolicies, 'ignore'),
  duplicateRules: z._default(z.enum(DUPLICATE_RULES), 'respect'),
  schedule: z.strictObject({ everyMinutes: z.number().check(z.int(), z.gte(1), z.lte(1440)) }),
  /** How often everything is compared, whatever changed; left out, only when somebody asks for it. */
  fullSweep: z.optional(z.strictObject({ everyDays: z.number().check(z.int(), z.gte(1), z.lte(90)) })),
  /** A change of the mapping, or a new mapping, waits until a plan of it was applied. */
  requirePlan: z._default(z.boolean(), false),
  /** How often fields that Salesforce computes (formulas, roll-ups) are read again, since no stamp tells of them. */
  formulas: z.optional(z.strictObject({ everyMinutes: z.number().check(z.int(), z.gte(15), z.lte(1440)) })),
  /** What is kept of each change of a record, and for how long. @default 30 days, digests */
  history: z.optional(
    z.strictObject({
      days: z._default(z.number().check(z.int(), z.gte(1), z.lte(365)), 30),
      keep: z._default(z.enum(['values', 'digests']), 'digests'),
    }),
  ),
  /** How old at most what is known of the org may be: sweeps that find nothing stretch up to it. @default the schedule */
  freshness: z.optional(z.enum(['1m', '15m', '1d'])),
  /** At this many records an initial load or a mass push becomes a bulk job. */
  bulkThreshold: z._default(z.number().check(z.int(), z.gte(1)), 2000),
});

/** The shape alone; at synth `parseSyncConfig` (infra) also checks what the options say of each other. */
export const syncConfig = z.strictObject({
  /** Of an org's daily calls that others leave, the part that each connection may use. @default 0.5 */
  allowanceShare: z.optional(z.number().check(z.gte(0.01), z.lte(1))),
  localTables: z.record(name, localTable),
  mappings: z.record(name, mappingTemplate),
});

export type SyncConfig = z.infer<typeof syncConfig>;
/** What a person writes: everything with a default may be left out. */
export type SyncConfigInput = z.input<typeof syncConfig>;
export type LocalTable = z.infer<typeof localTable>;
export type MappingTemplate = z.infer<typeof mappingTemplate>;
export type Reference = z.infer<typeof reference>;

/** The index by tenant of a local table, where it has one: the stack's own, or the one that is named. */
export const tenantIndexOf = ({ tenantField, existing }: LocalTable): string | undefined => {
  if (existing !== undefined) return existing.tenantIndex;
  return tenantField === undefined ? undefined : LOCAL_TENANT_INDEX;
};

/** What `freshness` stands for. */
export const FRESHNESS_MINUTES = { '1m': 1, '15m': 15, '1d': 1_440 } as const;

/** Whether a mapping asks to know more freshly than its schedule sweeps it, which nothing can give. */
export const isTooFresh = ({
  schedule,
  freshness,
}: Pick<MappingTemplate, 'schedule' | 'freshness'>): boolean =>
  freshness !== undefined && FRESHNESS_MINUTES[freshness] < schedule.everyMinutes;

/** Gives `sync.config.ts` its types; it is checked at synth, not here. */
export const defineSyncConfig = (config: SyncConfigInput): SyncConfigInput => config;

/** The names of the mappings that a lookup leads to. */
export const namesIn = (reference: Reference): readonly string[] =>
  typeof reference === 'string' ? [reference] : Object.values(reference);
