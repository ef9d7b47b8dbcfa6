import * as z from 'zod/mini';

/** An answer of an HTTP API (payload format 2.0). */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: string;
}

/** The value of a cookie; API Gateway lists cookies beside the headers, other servers of the same event do not. */
export const cookieOf = (
  event: { readonly cookies?: readonly string[] | undefined; readonly headers?: Headers | undefined },
  name: string,
): string | undefined => {
  const pairs = [...(event.cookies ?? []), ...(event.headers?.cookie ?? '').split(';')];
  return pairs
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
};

type Headers = Readonly<Record<string, string | undefined>>;

/** The headers of a request, names in lower case as HTTP APIs give them. */
export const headers = z.optional(z.record(z.string(), z.optional(z.string())));
