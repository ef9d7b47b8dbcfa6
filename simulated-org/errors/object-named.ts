import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findObject } from '../describe/schema.ts';
import { notFound } from './api-error.ts';

/** The object of that name, in any case; throws `NOT_FOUND` when the org has none. */
export function objectNamed(name: string | undefined): ObjectDefinition {
  const object = findObject(name ?? '');
  if (!object) throw notFound();
  return object;
}
