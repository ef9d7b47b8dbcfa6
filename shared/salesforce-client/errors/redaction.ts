/** Replaces a token in a text. */
const HIDDEN = '[hidden]';

/** Patterns of tokens, for texts that quote one which the caller did not send. */
const SHAPES: readonly [RegExp, string][] = [
  // A session: the org's id of 15 characters, `!`, and the rest.
  [/\b00D[0-9A-Za-z]{12,15}(?:!|%21)[A-Za-z0-9._~+/=%-]+/g, HIDDEN],
  // A refresh token.
  [/\b5Aep[A-Za-z0-9._]{8,}/g, HIDDEN],
  // A JSON Web Token: an access token of that form, an id token, an assertion. The look behind lets the search start
  // once in a long text of such characters; starting at each `eyJ` of it would take hours.
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, HIDDEN],
  [/\b(Bearer|OAuth|Basic)\s+[^\s"'<>]{16,}/gi, `$1 ${HIDDEN}`],
  [
    /\b(access_token|refresh_token|id_token|client_secret|assertion|code_verifier|sid)("?\s*[=:]\s*"?)[^\s"'&<>]+/gi,
    `$1$2${HIDDEN}`,
  ],
];

/** Shorter ones would hide parts of words. */
const MIN_SECRET_CHARS = 4;

/**
 * A text from outside without secrets: without those that were sent along, word for word, and without anything that
 * looks like a token. An answer can quote its request, and a proxy's page often does.
 *
 * @param secrets - what was sent, such as the access token
 */
export function withoutTokens(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < MIN_SECRET_CHARS) continue;
    for (const form of formsOf(secret)) clean = clean.replaceAll(form, HIDDEN);
  }
  for (const [shape, replacement] of SHAPES) clean = clean.replace(shape, replacement);
  return clean;
}

/** Plain, percent-encoded as in an address, and encoded as in a form. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  new URLSearchParams([['', secret]]).toString().slice(1),
];

/** Whether a text holds no secret. */
export const isTokenFree = (text: string, secrets: readonly string[] = []): boolean =>
  withoutTokens(text, secrets) === text;

/** Whether a text has the form of a code. Codes go into messages, metrics and logs, so nothing else may pass for one. */
export const isCode = (text: string): boolean => /^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(text);

/** Whether a text has the form of an API name, with or without relationships before it; anything else may be a value. */
export const isFieldName = (text: string): boolean =>
  /^[A-Za-z][\w.]{0,254}$/.test(text) && isTokenFree(text);
