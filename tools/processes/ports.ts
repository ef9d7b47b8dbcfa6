import getPort from 'get-port';
import { ExpectedFailure } from '../expected-failure.mjs';

/** Environment variables by which a person fixes a port that is otherwise any free one. */
export type PortVariable = 'SALESFORCE_SYNC_AWS_PORT' | 'SALESFORCE_SYNC_ORG_PORT';

/** Everything listens on loopback alone. */
const host = '127.0.0.1';

/**
 * Chooses a loopback port: the one that `variable` asks for, else a free one.
 *
 * @throws ExpectedFailure when the port asked for is no port number or cannot be opened
 */
export async function choosePort(
  variable: PortVariable,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  if (!isPortFixed(variable, env)) return freePort();
  const wanted = parsePort(env[variable] ?? '', variable);
  const found = await getPort({ host, port: wanted });
  if (found !== wanted) throw new ExpectedFailure(describeTakenPort(wanted, variable));
  return wanted;
}

/**
 * A free loopback port, another one at each call. It is only free at this moment; who binds it must be ready for a
 * race lost.
 */
export const freePort = (): Promise<number> => getPort({ host });

/** Whether a person has fixed the port. */
export const isPortFixed = (variable: PortVariable, env: NodeJS.ProcessEnv = process.env): boolean =>
  (env[variable] ?? '') !== '';

/** @throws ExpectedFailure unless `text` is a whole number from 1 to 65,535 */
export function parsePort(text: string, variable: PortVariable): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new ExpectedFailure(`${variable} must be a port number from 1 to 65535, and is "${text}".`);
}

/** One sentence for a port that was asked for and cannot be opened. Those below 1024 may need more rights. */
export function describeTakenPort(port: number, variable: PortVariable): string {
  if (port < 1_024)
    return `Port ${port} is in use or needs more rights than this user has: set ${variable} to a port above 1023 (leave it out for any free one).`;
  return `Port ${port} is in use: end what listens there, or set ${variable} to another port (leave it out for any free one).`;
}
