import { ApiError, knownRefusal } from '../errors/api-error.ts';
import { textOf } from '../errors/known-errors.ts';
import { type Answer, header, type Request } from '../http/messages.ts';
import type { TokenStore } from './tokens.ts';

/** Whose session a request is made in. */
export interface Session {
  readonly userId: string;
}

/** Checks the access token that a request carries; answers with the refusal when it is not valid. */
export function authenticate(tokens: TokenStore, request: Request): Session | Answer {
  if (header(request.headers, 'authorization') === undefined) return expired();
  const token = bearerOf(request);
  if (token === undefined) return knownRefusal('INVALID_AUTH_HEADER').toAnswer();
  const userId = tokens.authenticate(token);
  return userId === undefined ? expired() : { userId };
}

/** Ends the session that a request came with. */
export function endSession(tokens: TokenStore, request: Request, code?: string): Answer {
  tokens.expire(bearerOf(request) ?? '');
  return expired(code);
}

/** How the identity service refuses a session: a bare code with status 403, where the data routes answer 401. */
export function bareRefusal({ headers }: Request): Answer {
  const code = header(headers, 'authorization') === undefined ? 'Missing_OAuth_Token' : 'Bad_OAuth_Token';
  return { status: 403, text: code };
}

function bearerOf(request: Request): string | undefined {
  return /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(header(request.headers, 'authorization') ?? '')?.[1];
}

const expired = (code = 'INVALID_SESSION_ID'): Answer =>
  new ApiError(401, code, textOf('INVALID_SESSION_ID')).toAnswer();
