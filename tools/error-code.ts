/** The code of a system error, such as `EADDRINUSE`. Jest's sandbox has an `Error` of its own, so no `instanceof` here. */
export const errorCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
