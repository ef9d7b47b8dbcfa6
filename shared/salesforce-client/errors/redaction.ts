/** What stands where a token stood. */
const HIDDEN = '[hidden]';

/** What tokens look like, for texts that quote one which we were not told of. */
const SHAPES: readonly [RegExp, string][] = [
  // A session: the org's id of 15 characters, `!`, and the rest.
  [/\b00D[0-9A-Za-z]{12,15}(?:!|%21)[A-Za-z0-9._~+/=%-]+/g, HIDDEN],
  // A refresh token.
  [/\b5Aep[A-Za-z0-9._]{8,}/g, HIDDEN],
  // A JSON Web Token: an access token of that form, an id token, an assertion. It begins where no such text goes on
  // before, else a search would start at each beginning in a long text of them, and take hours.
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
 * A text from outside without the secrets in it: those that were sent along, word for word, and whatever looks like
 * one. An answer can quote its request, and a proxy's page often does.
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

/** As it is, as an address has it, and as a form has it. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  new URLSearchParams([['', secret]]).toString().slice(1),
];

/** Whether a text holds none of them. */
export const isTokenFree = (text: string, secrets: readonly string[] = []): boolean =>
  withoutTokens(text, secrets) === text;

/** A code becomes part of messages, metrics and logs: only what looks like one is taken over. */
export const isCode = (text: string): boolean => /^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(text);

/** API names, with the path of relationships to them; what else stands there is no name and may be a value. */
export const isFieldName = (text: string): boolean =>
  /^[A-Za-z][\w.]{0,254}$/.test(text) && isTokenFree(text);
