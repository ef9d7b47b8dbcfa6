import { type KnownCode, textOf } from '../errors/known-errors.ts';
import type { Call } from '../http/call.ts';
import { htmlAnswer, joined, markup } from '../http/html.ts';
import type { Answer } from '../http/messages.ts';

/** An authorisation request that may be shown on the consent page. */
interface Accepted {
  readonly redirectUri: string;
  readonly state: string | null;
  readonly scope: string;
  readonly codeChallenge: string | undefined;
}

const DEFAULT_SCOPE = 'api refresh_token';

/** `GET /services/oauth2/authorize`: the consent page for a person in a browser. */
export function showConsent(call: Call): Answer {
  const checked = check(call, call.request.query);
  if ('status' in checked) return checked;
  const parameters = [...call.request.query].map(
    ([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`,
  );
  const body = markup`<h1>Allow access?</h1>
<p>You are signed in to the simulated org <code>${call.org.orgId}</code> as
<strong>${call.org.users.integration.username}</strong>.</p>
<p>The app <code>${call.org.client.clientId}</code> asks for: <strong>${checked.scope}</strong>.</p>
<form method="post">${joined(parameters)}<p><button class="primary" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></p></form>`;
  return htmlAnswer(200, 'Allow access?', body);
}

/** `POST /services/oauth2/authorize`: the person's decision; always redirects back to the app. */
export function decideConsent(call: Call): Answer {
  const form = new URLSearchParams(call.request.body.toString('utf8'));
  const checked = check(call, form);
  if ('status' in checked) return checked;
  if (form.get('decision') !== 'allow') {
    return redirect(checked, { error: 'access_denied', error_description: textOf('access_denied') });
  }
  const code = call.org.tokens.issueCode({
    clientId: call.org.client.clientId,
    redirectUri: checked.redirectUri,
    userId: call.org.users.integration.id,
    scope: checked.scope,
    codeChallenge: checked.codeChallenge,
  });
  return redirect(checked, { code });
}

function check(call: Call, parameters: URLSearchParams): Accepted | Answer {
  const { client, settings } = call.org;
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (parameters.get('client_id') !== client.clientId) return refusal('invalid_client_id');
  if (!client.redirectUris.includes(redirectUri)) {
    return refusal('redirect_uri_mismatch');
  }
  const accepted: Accepted = {
    redirectUri,
    state: parameters.get('state'),
    scope: parameters.get('scope') || DEFAULT_SCOPE,
    codeChallenge: parameters.get('code_challenge') ?? undefined,
  };
  if (parameters.get('response_type') !== 'code') {
    return redirect(accepted, {
      error: 'unsupported_response_type',
      error_description: 'response type must be code',
    });
  }
  const method = parameters.get('code_challenge_method');
  const isBadChallenge =
    (method !== null && method !== 'S256') ||
    (accepted.codeChallenge === undefined && (settings.requirePkce || method !== null)) ||
    (accepted.codeChallenge !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(accepted.codeChallenge));
  if (isBadChallenge) {
    return redirect(accepted, { error: 'invalid_request', error_description: 'invalid code challenge' });
  }
  return accepted;
}

/** An error is shown to the person when the address to send it to is not a registered one. */
function refusal(error: KnownCode): Answer {
  const body = markup`<h1>OAuth error</h1><p>error=${error}</p><p>error_description=${textOf(error)}</p>`;
  return htmlAnswer(400, 'OAuth error', body);
}

function redirect(accepted: Accepted, parameters: Record<string, string>): Answer {
  const target = new URL(accepted.redirectUri);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  if (accepted.state !== null) target.searchParams.set('state', accepted.state);
  return { status: 302, headers: { location: target.href } };
}
