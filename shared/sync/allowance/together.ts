/** Mappings of one connection that one composite call can ask after. */
export const MAX_TOGETHER = 5;
