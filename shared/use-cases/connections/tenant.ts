/** How a tenant may be named: no `#`, which parts keys in our tables, and nothing that HTML or a URL would mind. */
const TENANT = /^[A-Za-z0-9_.@:|-]{1,128}$/;

/** Whether this names a tenant. */
export const isTenantId = (orgId: string): boolean => TENANT.test(orgId);
