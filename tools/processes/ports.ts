import { randomInt } from 'node:crypto';
import getPort, { portNumbers } from 'get-port';
import { ExpectedFailure } from '../expected-failure.mjs';

/** Environment variables by which a person fixes a port that is otherwise any free one. */
export type PortVariable = 'SALESFORCE_SYNC_AWS_PORT' | 'SALESFORCE_SYNC_ORG_PORT';

/** Everything listens on loopback alone. */
const host = '127.0.0.1';

/**
 * Ports that no system lends to outgoing connections (Linux: from 32768, others: from 49152): a port chosen among
 * those that are lent may be some connection's own by the time that a server opens it, a deployment later.
 */
const lowestFreePort = 20_000;
const highestFreePort = 32_000;
/** Ports that are left to choose among wherever the search begins. */
const roomAtTheEnd = 2_000;

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
 * A free loopback port, another one at each call. Nothing holds it: only a server that opens a port by chance or by a
 * fixed number can come first, so whoever opens it says so when it is taken.
 */
export function freePort(): Promise<number> {
  const first = randomInt(lowestFreePort, highestFreePort - roomAtTheEnd);
  return getPort({ host, port: portNumbers(first, highestFreePort) });
}

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
