import { sameValue, valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { RemoteRecord } from '../model/record.ts';
import type { FieldValues } from '../model/values.ts';
import { at, valuesOf } from './field-values.ts';

/** What was announced and is in the record: it arrived, whatever became of the answer, and both sides had agreed on it. */
export const arrivedIn = (
  { fields }: Mapping,
  { pending }: Pick<Link, 'pending'>,
  { values }: Pick<RemoteRecord, 'values'>,
): FieldValues =>
  valuesOf(
    fields.flatMap(({ localField, type }) => {
      const announced = valueIn(pending, localField);
      const isThere = announced !== undefined && sameValue(type, announced, at(values, localField));
      return isThere ? [[localField, announced] as const] : [];
    }),
  );
