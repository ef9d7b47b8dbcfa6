import * as z from 'zod/mini';
import { ConfigurationError } from '../contracts/configuration-error.ts';
import { ENVIRONMENT } from '../contracts/environment.ts';

/** What a function can be configured with. */
export type ConfigurationKey = keyof typeof ENVIRONMENT;

/** Keys whose values are more than text; all others are text that is not empty. */
interface Structured {
  /** A local table's name in the sync config to its physical name. */
  readonly localTables: Readonly<Record<string, string>>;
  /** Further origins that count as Salesforce's; none if the key is absent. */
  readonly trustedSalesforceOrigins: readonly string[];
  /** How many workers may call one connection's org at once. */
  readonly orgSlots: number;
}

type Value<K extends ConfigurationKey> = K extends keyof Structured ? Structured[K] : string;

/** The keys that were asked for. */
export type Configuration<K extends ConfigurationKey> = { readonly [Key in K]: Value<Key> };

const text = z.string().check(z.minLength(1));
const structured = {
  localTables: z.record(text, text),
  trustedSalesforceOrigins: z.array(z.url()),
  orgSlots: z.int().check(z.minimum(1), z.maximum(1_000)),
};

/** Undefined where it is not JSON, which no schema here takes. */
const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

const read = (key: ConfigurationKey, environment: NodeJS.ProcessEnv): unknown => {
  const value = environment[ENVIRONMENT[key]];
  switch (key) {
    case 'localTables':
      return structured.localTables.safeParse(parseJson(value ?? '')).data;
    case 'trustedSalesforceOrigins':
      return structured.trustedSalesforceOrigins.safeParse(parseJson(value ?? '[]')).data;
    case 'orgSlots':
      return structured.orgSlots.safeParse(parseJson(value ?? '')).data;
    default:
      return text.safeParse(value).data;
  }
};

/**
 * Reads what a function needs from its environment, at cold start. Nothing else reads the environment.
 *
 * @throws ConfigurationError that names every variable that is missing or malformed, at once; never a value
 */
export const readConfiguration = <K extends ConfigurationKey>(
  keys: readonly K[],
  environment: NodeJS.ProcessEnv = process.env,
): Configuration<K> => {
  const values = keys.map((key) => [key, read(key, environment)] as const);
  const wrong = values.filter(([, value]) => value === undefined).map(([key]) => ENVIRONMENT[key]);
  if (wrong.length > 0) {
    throw new ConfigurationError(
      'ENVIRONMENT_INCOMPLETE',
      `Missing or malformed environment variables: ${wrong.join(', ')}. The stack sets them; deploy it again.`,
    );
  }
  const configuration: object = Object.fromEntries(values);
  assertHas(configuration, keys);
  return configuration;
};

/** Each value was read by its own key's schema, and none is missing. */
function assertHas<K extends ConfigurationKey>(
  values: object,
  keys: readonly K[],
): asserts values is Configuration<K> {
  for (const key of keys) if (!Object.hasOwn(values, key)) throw new TypeError(`${key} was not read`);
}
