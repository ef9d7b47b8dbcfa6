import type { MappingIdentity } from '../../sync/mapping/identity.ts';
import type { FieldType } from '../../sync/model/values.ts';

/** What a mapping of a connection has come to. */
export interface MappingState {
  readonly mappingId: string;
  readonly connectionId: string;
  readonly orgId: string;
  readonly name: string;
  readonly status: /** Waits for its first run, or that run is a bulk job under way (`bulkJobId`). */
    | 'loading'
    | 'active'
    /** The mapping does not fit the org's schema; `problems` says why. */
    | 'invalid';
  /** Everything stamped before this has been seen (ISO 8601, Salesforce's clock); absent before the first full pass. */
  readonly watermark?: string;
  readonly bulkJobId?: string;
  /** The connection was away: local items are to be compared too, with the next pass. */
  readonly isPushDue?: boolean;
  readonly problems?: readonly string[];
  /** Types of the mapped fields by API name, from the last check of the schema. */
  readonly fieldTypes?: Readonly<Record<string, FieldType>>;
  readonly checkedAt?: string;
  /** A digest of the template that was checked: a changed one is checked again. */
  readonly checkedTemplate?: string;
  /** What the mapping was when it first fitted the org, and is to remain: its links were made for that. */
  readonly identity?: MappingIdentity;
  readonly nextRunAt: string;
  /** When the last pass ended. */
  readonly lastRunAt?: string;
}

/** Numbers of one run, for the person who asks what it did. */
export interface RunCounts {
  readonly read: number;
  readonly unchanged: number;
  readonly createdLocally: number;
  readonly updatedLocally: number;
  readonly createdInSalesforce: number;
  readonly updatedInSalesforce: number;
  readonly conflicts: number;
  readonly rejections: number;
  readonly calls: number;
}

export interface MappingStates {
  get(mappingId: string): Promise<MappingState | undefined>;
  listOfConnection(connectionId: string): Promise<readonly MappingState[]>;
  /** Makes the state of a mapping that has none, due at once; leaves one that exists alone. */
  ensure(
    state: Pick<MappingState, 'mappingId' | 'connectionId' | 'orgId' | 'name'>,
    at: string,
  ): Promise<void>;
  /** Mappings due at this time, oldest first, at most `limit`; eventually consistent. */
  due(at: string, limit: number): Promise<readonly MappingState[]>;
  /** Takes one due run for this dispatcher: moves `nextRunAt` on, unless somebody else has. */
  claim(mappingId: string, due: string, nextRunAt: string): Promise<boolean>;
  makeDue(mappingId: string, at: string): Promise<void>;
  /** Makes the next look at the mapping check it against the org's schema, however fresh the last check is. */
  expireCheck(mappingId: string): Promise<void>;
  /** Whether the next pass ends with a push of what differs locally. */
  setPushDue(mappingId: string, isPushDue: boolean): Promise<void>;
  /** Forgets how far the passes have come: the next one looks at everything, as the first did. */
  forgetWatermark(mappingId: string): Promise<void>;
  /** Never moves a watermark backwards. */
  finishPass(mappingId: string, watermark: string, at: string): Promise<void>;
  /** What a check found; an `identity` is kept only if there is none yet. */
  saveSchema(
    mappingId: string,
    check: Pick<MappingState, 'fieldTypes' | 'checkedAt' | 'checkedTemplate' | 'identity'> & {
      problems: readonly string[];
    },
  ): Promise<void>;
  setBulkJob(mappingId: string, bulkJobId: string | undefined): Promise<void>;
}
