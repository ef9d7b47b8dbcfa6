import type { Direction, MappingTemplate } from '../../contracts/sync-config.ts';
import type { Finding } from '../../sync/mapping/check/finding.ts';
import { type Tracking, USUAL_TRACKING } from '../../sync/mapping/check/tracking.ts';
import { narrower } from '../../sync/mapping/resolve.ts';
import type { FieldType } from '../../sync/model/values.ts';
import type { MappingState } from '../ports/mapping-states.ts';

/** A finding without the attribute, under which it stands. */
type Said = Omit<Finding, 'attribute'>;

/** How one mapped field stands. */
export interface FieldReport {
  /** The local attribute. */
  readonly attribute: string;
  readonly field: string;
  readonly direction: Direction;
  /** Absent where the field was not seen, or cannot be synced. */
  readonly type?: FieldType;
  /** Characters that the field holds, where it is a text that goes to Salesforce. */
  readonly maxLength?: number;
  readonly standing: /** It is synced, if the mapping runs. */
    | 'fits'
    /** The others are synced without it. */
    | 'left-out'
    /** The whole mapping waits for it. */
    | 'stops-the-mapping'
    /** No check has looked at it yet. */
    | 'not-checked';
  readonly findings: readonly Said[];
}

/** What the last check of a mapping found, and what it means for each field. */
export interface MappingReport extends Pick<MappingState, 'mappingId' | 'status' | 'checkedAt' | 'trouble'> {
  readonly onDrift: MappingTemplate['onDrift'];
  /** What stops the mapping. */
  readonly problems: readonly string[];
  /** What is about the mapping as a whole. */
  readonly findings: readonly Said[];
  readonly fields: readonly FieldReport[];
  /** By which system fields changes and deletions are seen. */
  readonly tracking: Tracking;
}

/** Makes the report from what the last check left in the mapping's state. */
export const reportOf = (state: MappingState, template: MappingTemplate): MappingReport => {
  const { mappingId, status, checkedAt, trouble, problems = [], schema } = state;
  const findings = schema?.findings ?? [];
  return {
    mappingId,
    status,
    onDrift: template.onDrift,
    ...(checkedAt !== undefined && { checkedAt }),
    ...(trouble && { trouble }),
    problems,
    findings: findings.filter(({ attribute }) => attribute === undefined),
    fields: Object.entries(template.fieldMap).map(([attribute, { field, direction }]) =>
      fieldReport(state, { attribute, field, direction: narrower(template.direction, direction) }),
    ),
    tracking: schema?.tracking ?? USUAL_TRACKING,
  };
};

const fieldReport = (
  { fieldTypes = {}, schema }: MappingState,
  entry: Pick<FieldReport, 'attribute' | 'field' | 'direction'>,
): FieldReport => {
  const { attribute, field } = entry;
  const findings = (schema?.findings ?? []).filter((finding) => finding.attribute === attribute);
  const type = Object.hasOwn(fieldTypes, field) ? fieldTypes[field] : undefined;
  const maxLength = schema && Object.hasOwn(schema.lengths, field) ? schema.lengths[field] : undefined;
  return {
    ...entry,
    ...(type !== undefined && { type }),
    ...(maxLength !== undefined && { maxLength }),
    standing: standingOf(attribute, findings, type, schema?.leftOut ?? []),
    findings: findings.map(({ attribute: _, ...said }) => said),
  };
};

const standingOf = (
  attribute: string,
  findings: readonly Finding[],
  type: FieldType | undefined,
  leftOut: readonly string[],
): FieldReport['standing'] => {
  if (leftOut.includes(attribute)) return 'left-out';
  if (findings.some(({ weight }) => weight !== 'notice')) return 'stops-the-mapping';
  return type === undefined ? 'not-checked' : 'fits';
};
