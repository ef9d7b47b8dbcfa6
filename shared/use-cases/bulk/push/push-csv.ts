import type { CsvCells } from '../../../contracts/salesforce.ts';
import { encodeCreation, unknownNames } from '../../../sync/mapping/decode.ts';
import { type ParentIds, unlinkedParents } from '../../../sync/mapping/references.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { FieldValues, WireValue } from '../../../sync/model/values.ts';
import type { BulkPorts } from '../ports.ts';

/** What the Bulk API reads as "set null"; a text that happens to be this cannot be sent by CSV. */
const NULL_MARK = '#N/A';
/** Bulk API 2.0: characters of one field in a CSV. */
const FIELD_CHARACTERS = 32_000;

/** The columns of a push: the external id, by which results are told apart, and every field that may be written. */
export function pushColumns(mapping: Mapping): readonly string[] {
  const fields = mapping.fields.filter(
    ({ direction, sentAt }) => direction !== 'from-salesforce' && sentAt !== 'update',
  );
  const constants = Object.keys(mapping.onCreate ?? {});
  return [...new Set([mapping.externalIdField, ...fields.map(({ sfField }) => sfField), ...constants])];
}

/** The header line, as it begins each part. */
export async function csvHeader(ports: Pick<BulkPorts, 'csv'>, mapping: Mapping): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of ports.csv.write(pushColumns(mapping), [])) parts.push(part);
  return Buffer.concat(parts);
}

/**
 * The row that creates an item's record. A cell that is left empty leaves the field to Salesforce's default.
 *
 * @param parents - of the items that the values name
 * @returns undefined for what CSV cannot carry, and REST can, and where a parent is not linked
 */
export function pushRow(
  mapping: Mapping,
  localKey: string,
  values: FieldValues,
  parents: ParentIds,
): CsvCells | undefined {
  // The worker meets it, and says what is wrong with it.
  if (unknownNames(mapping, values).length > 0) return undefined;
  if (unlinkedParents(mapping, values, parents).size > 0) return undefined;
  const row = { ...encodeCreation(mapping, values, parents), [mapping.externalIdField]: localKey };
  return Object.values(row).every(isSendable) ? row : undefined;
}

const isSendable = (cell: WireValue): boolean =>
  typeof cell !== 'string' || (cell !== NULL_MARK && cell.length <= FIELD_CHARACTERS && cell.isWellFormed());
