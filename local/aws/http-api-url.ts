/**
 * Where an HTTP API of the emulated AWS answers. Its own host name would have to be resolved, which Node does not do
 * for names below `localhost`; the same API is also served under a path of the endpoint.
 *
 * @param endpoint - as in `https://localhost:4566`
 * @param deployedUrl - the API's URL from the stack's outputs, as in `https://{apiId}.execute-api.…`
 * @returns the base URL, without a slash at the end
 */
export function httpApiUrl(endpoint: string, deployedUrl: string): string {
  const [apiId] = new URL(deployedUrl).hostname.split('.');
  return `${endpoint}/_aws/execute-api/${apiId}/$default`;
}
