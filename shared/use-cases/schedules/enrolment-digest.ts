import { createHash } from 'node:crypto';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { checkDigestOf } from '../../sync/mapping/template-digest.ts';

/**
 * Changes whenever the config gives connections other mappings than before: with the names of its mappings, with what
 * they are (`checkDigestOf`), and with the tenants that its tables belong to. Stored with each enrolment, so another way to make it has every connection
 * enrolled once more.
 */
export const enrolmentDigest = (config: SyncConfig): string =>
  createHash('sha256')
    .update(JSON.stringify(enrolledBy(config)))
    .digest('hex');

const enrolledBy = ({
  mappings,
  localTables,
}: SyncConfig): readonly (readonly [string, string | null, string])[] =>
  Object.entries(mappings)
    .map(([name, template]) => {
      const tenant = localTables[template.localTable]?.tenant ?? null;
      return [name, tenant, checkDigestOf(template)] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
