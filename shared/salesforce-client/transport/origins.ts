/**
 * Domains under which Salesforce itself answers logins and API calls: the public cloud, its legacy My Domain form,
 * Government Cloud, and Salesforce on Alibaba Cloud. Not `force.com` or `site.com`: customers publish their own pages
 * there, which must receive neither a client secret nor a token.
 */
const API_DOMAINS = ['salesforce.com', 'cloudforce.com', 'salesforce.mil', 'sfcrmproducts.cn'];

/**
 * Hosts at which users log in, and which receive the client secret: the common ones, and the My Domain of each org.
 * Fewer than those that receive tokens: an instance such as `na73.salesforce.com` is called, but nobody logs in there.
 */
const LOGIN_HOST = /(?:^(?:login|test)|\.my)\.(?:salesforce\.com|salesforce\.mil|sfcrmproducts\.cn)$/;

export const PRODUCTION_LOGIN = 'https://login.salesforce.com';
export const SANDBOX_LOGIN = 'https://test.salesforce.com';

/** RFC 1035: the length of a host name, and of a label. */
const MAX_HOST_CHARS = 253;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Characters that URL parsers read differently, or drop: white space, controls, `\`, non-ASCII. */
const AMBIGUOUS = /[^\x21-\x5b\x5d-\x7e]/;

/**
 * Whether secrets may be sent to an address: HTTPS on the default port of one of Salesforce's own hosts, without
 * user information; or exactly one of the trusted origins, which may be plain HTTP.
 *
 * @param trustedOrigins - further origins, such as a simulated org's; `scheme://host:port`
 */
export function isSalesforceOrigin(address: string, trustedOrigins: readonly string[]): boolean {
  const url = parseAddress(address);
  if (url === undefined) return false;
  if (trustedOrigins.some((trusted) => parseAddress(trusted)?.origin === url.origin)) return true;
  return url.protocol === 'https:' && url.port === '' && isApiHost(url.hostname);
}

/**
 * The origin at which a tenant logs in.
 *
 * @param input - `production`, `sandbox`, or an org's My Domain as a host or as an address copied from a browser;
 *   the host of its Lightning pages stands for the My Domain that it belongs to
 * @returns the origin without a path, or `undefined` if it is not one of Salesforce's or a trusted one
 */
export function normaliseLoginUrl(input: string, trustedOrigins: readonly string[]): string | undefined {
  const text = input.trim();
  if (text === 'production') return PRODUCTION_LOGIN;
  if (text === 'sandbox') return SANDBOX_LOGIN;
  const address = myDomainOf(text.includes('://') ? text : `https://${text}`);
  return address !== undefined && isLoginOrigin(address, trustedOrigins)
    ? new URL(address).origin
    : undefined;
}

/** Whether a tenant may log in at an address: one of Salesforce's login hosts, or exactly one of the trusted origins. */
export function isLoginOrigin(address: string, trustedOrigins: readonly string[]): boolean {
  if (!isSalesforceOrigin(address, trustedOrigins)) return false;
  // An origin outside Salesforce's domains can only be one of the trusted ones.
  return LOGIN_HOST.test(new URL(address).hostname) || !isSalesforceOrigin(address, []);
}

/**
 * Whether a host logs into a sandbox or scratch org: the common one, today's My Domain with `sandbox` or `scratch` in
 * it, or the older form with two hyphens, such as `acme--test.my.salesforce.com`.
 */
export const isSandboxHost = (host: string): boolean =>
  host === 'test.salesforce.com' ||
  /\.(?:sandbox|scratch)\.my\./.test(host) ||
  /^(?:[^.-]|-(?!-))*--[^.]*\.(?:[^.]+\.)?my\./.test(host);

function myDomainOf(address: string): string | undefined {
  const url = parseAddress(address);
  if (url === undefined) return undefined;
  url.hostname = url.hostname.replace(/\.lightning\.force\.com$/, '.my.salesforce.com');
  return url.href;
}

function isApiHost(host: string): boolean {
  if (host.length > MAX_HOST_CHARS || !host.split('.').every((label) => LABEL.test(label))) return false;
  return API_DOMAINS.some((domain) => host.endsWith(`.${domain}`));
}

function parseAddress(address: string): URL | undefined {
  if (AMBIGUOUS.test(address) || !/^https?:\/\/[^/]/i.test(address)) return undefined;
  const url = URL.parse(address);
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  // `https://@host` has user information too, an empty one.
  return /^[^/]*\/\/[^/?#]*@/.test(address) ? undefined : url;
}
