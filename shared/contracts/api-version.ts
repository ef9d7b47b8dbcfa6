/** The API version that a connection is pinned to unless it says otherwise. */
export const DEFAULT_API_VERSION = 'v59.0';
