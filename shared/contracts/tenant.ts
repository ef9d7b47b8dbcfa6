import * as z from 'zod/mini';

/**
 * The name of a tenant, wherever it comes from: the sync config, an operator, or an item. It holds no `#`, which
 * separates the parts of keys in our tables, and no character that HTML or a URL gives a meaning.
 */
export const tenantId = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9_.@:|-]{1,128}$/,
      'must be 1 to 128 letters, digits or any of "_", ".", "@", ":", "|", "-"',
    ),
  );

/** Whether this text can be the name of a tenant. */
export const isTenantId = (text: string): boolean => tenantId.safeParse(text).success;
