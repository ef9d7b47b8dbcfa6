import { notFound } from '../errors/api-error.ts';
import type { Call } from '../http/call.ts';
import type { Answer } from '../http/messages.ts';
import { parseId } from '../org/ids.ts';
import type { Org } from '../org/org.ts';
import type { OrgUser } from '../org/people.ts';
import { toStoredDatetime } from '../store/values.ts';
import { identityUrl, instanceUrl } from './token-body.ts';

/** `GET /services/oauth2/userinfo`: who the token's user is, in OpenID Connect's terms. */
export function showUserinfo(call: Call): Answer {
  const { org } = call;
  const user = currentUser(call);
  const body = {
    sub: identityUrl(org, user.id),
    user_id: user.id,
    organization_id: org.orgId,
    preferred_username: user.username,
    nickname: user.firstName,
    name: `${user.firstName} ${user.lastName}`,
    email: user.email,
    email_verified: true,
    given_name: user.firstName,
    family_name: user.lastName,
    zoneinfo: 'GMT',
    photos: photosOf(org),
    profile: `${org.origin}/${user.id}`,
    picture: photosOf(org).picture,
    address: {},
    is_salesforce_integration_user: false,
    urls: urlsOf(org, user),
    active: true,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    utcOffset: 0,
    updated_at: toStoredDatetime(org.createdAtMs),
  };
  return { status: 200, json: body };
}

/** `GET /id/{orgId}/{userId}`: who the token's user is, in the platform's own terms. */
export function showIdentity(call: Call): Answer {
  const { org } = call;
  const user = currentUser(call);
  const [orgId = '', userId = ''] = call.params.map((id) => parseId(id) ?? '');
  if (orgId !== org.orgId || userId !== user.id) throw notFound();
  const body = {
    id: identityUrl(org, user.id),
    asserted_user: true,
    user_id: user.id,
    organization_id: org.orgId,
    username: user.username,
    nick_name: user.firstName,
    display_name: `${user.firstName} ${user.lastName}`,
    email: user.email,
    email_verified: true,
    first_name: user.firstName,
    last_name: user.lastName,
    timezone: 'GMT',
    photos: photosOf(org),
    addr_street: null,
    addr_city: null,
    addr_state: null,
    addr_country: null,
    addr_zip: null,
    mobile_phone: null,
    mobile_phone_verified: false,
    is_lightning_login_user: false,
    status: { created_date: null, body: null },
    urls: urlsOf(org, user),
    active: true,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    utcOffset: 0,
    last_modified_date: `${toStoredDatetime(org.createdAtMs).slice(0, 19)}Z`,
    is_app_installed: true,
  };
  return { status: 200, json: body };
}

function currentUser(call: Call): OrgUser {
  const { admin, integration } = call.org.users;
  return call.userId === admin.id ? admin : integration;
}

function photosOf(org: Org) {
  return { picture: `${org.origin}/profilephoto/005/F`, thumbnail: `${org.origin}/profilephoto/005/T` };
}

/** `{version}` is left for the client to fill in. */
function urlsOf(org: Org, user: OrgUser): Record<string, string> {
  const base = instanceUrl(org);
  const rest = `${base}/services/data/v{version}`;
  const soap = (letter: string): string =>
    `${base}/services/Soap/${letter}/{version}/${org.orgId.slice(0, 15)}`;
  return {
    enterprise: soap('c'),
    metadata: soap('m'),
    partner: soap('u'),
    rest: `${rest}/`,
    sobjects: `${rest}/sobjects/`,
    search: `${rest}/search/`,
    query: `${rest}/query/`,
    recent: `${rest}/recent/`,
    tooling_soap: soap('T'),
    tooling_rest: `${rest}/tooling/`,
    profile: `${base}/${user.id}`,
    feeds: `${rest}/chatter/feeds`,
    groups: `${rest}/chatter/groups`,
    users: `${rest}/chatter/users`,
    feed_items: `${rest}/chatter/feed-items`,
    feed_elements: `${rest}/chatter/feed-elements`,
    custom_domain: base,
  };
}
