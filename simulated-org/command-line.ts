import { parseArgs } from 'node:util';
import { isRecord } from './http/messages.ts';
import type { ConnectedApp } from './org/people.ts';
import type { SimulatedOrgOptions } from './simulated-org.ts';

/** What a person or a program asked for on the command line. */
export type CommandLine =
  | { readonly kind: 'help' }
  /** One sentence for each mistake. */
  | { readonly kind: 'refused'; readonly mistakes: readonly string[] }
  | {
      readonly kind: 'start';
      readonly options: SimulatedOrgOptions;
      /** Print one line of JSON instead of text for people. */
      readonly isJson: boolean;
      /** The client secret came by environment, so it may be a real one and is not printed. */
      readonly isSecretGiven: boolean;
    };

/** The connected app unless another is named. Its secret can be public: the org listens on this machine only. */
export const DEFAULT_APP: ConnectedApp = {
  clientId: 'simulated-client',
  clientSecret: 'simulated-secret',
  redirectUris: ['http://localhost:3000/oauth/callback'],
};

/** What `--help` prints. */
export const HELP = `Starts a simulated Salesforce org on this machine. It keeps its rows in memory and ends with Ctrl-C.

  --port N                  port of the org (default: a free one)
  --admin-port N            port of the admin page (default: a free one)
  --accounts N              accounts to begin with (default: 500)
  --contacts N              contacts to begin with (default: 5000)
  --seed N                  the same seed gives the same org id and rows (default: 1)
  --client-id ID            client id of the connected app (default: ${DEFAULT_APP.clientId})
  --redirect-uri URL        where the consent page may send browsers; may be repeated
                            (default: ${DEFAULT_APP.redirectUris})
  --rotate-refresh-tokens   each refresh gives a new refresh token and ends the old one
  --json                    print one line of JSON when ready, for programs
  --help                    print this

The environment variables SALESFORCE_CLIENT_ID and SALESFORCE_REDIRECT_URI (several with commas) stand for their
flags. SALESFORCE_CLIENT_SECRET sets the app's secret, which has no flag: other users of the machine can read
command lines. An app that is named needs its secret.
`;

/** Above this, starting takes minutes and gigabytes. */
const MAX_ROWS = 1_000_000;
const MAX_PORT = 65_535;
const MAX_SEED = 2 ** 32 - 1;

/** The numbers that can be given, and the largest value of each. */
const NUMBERS = {
  port: MAX_PORT,
  'admin-port': MAX_PORT,
  seed: MAX_SEED,
  accounts: MAX_ROWS,
  contacts: MAX_ROWS,
} as const;

const OPTIONS = {
  port: { type: 'string' },
  'admin-port': { type: 'string' },
  seed: { type: 'string' },
  accounts: { type: 'string' },
  contacts: { type: 'string' },
  'client-id': { type: 'string' },
  'redirect-uri': { type: 'string', multiple: true },
  'rotate-refresh-tokens': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/**
 * Reads the command line and the environment; a flag wins.
 *
 * @param args - without the program's own name
 */
export function readCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const values = parse(args);
  if (typeof values === 'string') return { kind: 'refused', mistakes: [values] };
  if (values.help) return { kind: 'help' };
  const clientId = values['client-id'] ?? (environment.SALESFORCE_CLIENT_ID || undefined);
  const clientSecret = environment.SALESFORCE_CLIENT_SECRET || undefined;
  const redirectUris =
    values['redirect-uri'] ?? (environment.SALESFORCE_REDIRECT_URI ?? '').split(',').filter(Boolean);
  const mistakes = [
    ...Object.entries(NUMBERS).flatMap(([name, most]) =>
      isNumberUpTo(most, values[name as keyof typeof NUMBERS])
        ? []
        : [`--${name} must be a whole number from 0 to ${most}.`],
    ),
    ...redirectUris
      .filter((uri) => !URL.canParse(uri))
      .map((uri) => `The redirect URI ${uri} is not an absolute address.`),
    ...(clientId !== undefined && clientSecret === undefined
      ? ['The client id needs its secret: set SALESFORCE_CLIENT_SECRET.']
      : []),
    ...(clientId === undefined && clientSecret !== undefined
      ? ['SALESFORCE_CLIENT_SECRET is set, and the client id is missing: give --client-id.']
      : []),
  ];
  if (mistakes.length > 0) return { kind: 'refused', mistakes };
  const number = (name: keyof typeof NUMBERS, key: string) =>
    values[name] === undefined ? {} : { [key]: Number(values[name]) };
  return {
    kind: 'start',
    isJson: values.json ?? false,
    isSecretGiven: clientSecret !== undefined,
    options: {
      clientId: clientId ?? DEFAULT_APP.clientId,
      clientSecret: clientSecret ?? DEFAULT_APP.clientSecret,
      redirectUris: redirectUris.length > 0 ? redirectUris : DEFAULT_APP.redirectUris,
      ...number('port', 'port'),
      ...number('admin-port', 'adminPort'),
      ...number('seed', 'seed'),
      ...number('accounts', 'accounts'),
      ...number('contacts', 'contacts'),
      settings: { rotateRefreshTokens: values['rotate-refresh-tokens'] ?? false },
    },
  };
}

/** The flags as they were given, or what is wrong with them. */
function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const message = isRecord(error) ? String(error.message) : String(error);
    const flag = /--[\w-]+/.exec(message)?.[0];
    if (/argument (?:is ambiguous|missing)/.test(message)) return `${flag} needs a value.`;
    // The first sentence says what is wrong; the next ones explain arguments that this program never takes.
    const [sentence = ''] = message.split(/\.\s|\n/);
    return `${sentence.replace(/\.$/, '')}.`;
  }
}

const isNumberUpTo = (most: number, text: string | undefined): boolean =>
  text === undefined || (/^\d+$/.test(text) && Number(text) <= most);
