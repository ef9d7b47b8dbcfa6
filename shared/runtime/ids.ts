import { randomUUID } from 'node:crypto';
import type { Ids } from '../use-cases/ports/runtime.ts';

/** Random UUIDs: URL-safe, and without a dot, so that they can be the first part of a mapping's id. */
export const randomIds: Ids = { next: () => randomUUID() };
