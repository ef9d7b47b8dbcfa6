import { createServer } from 'node:net';
import { errorCode } from '../error-code.ts';
import { ExpectedFailure } from '../expected-failure.ts';

/** Environment variables by which a person fixes a port that is otherwise any free one. */
export type PortVariable = 'SALESFORCE_SYNC_AWS_PORT' | 'SALESFORCE_SYNC_ORG_PORT';

/**
 * Chooses a loopback port: the one that `variable` asks for, else a free one.
 * A free port is only free at this moment; who binds it must be ready for a race lost.
 *
 * @throws ExpectedFailure when the port asked for is no port number or is in use
 */
export async function choosePort(
  variable: PortVariable,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const wanted = env[variable];
  if (wanted === undefined || wanted === '') return bindOnce(0);
  const port = parsePort(wanted, variable);
  try {
    return await bindOnce(port);
  } catch (error) {
    throw new ExpectedFailure(describeBindFailure(port, variable, error));
  }
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

/** One sentence for a port that was asked for and cannot be bound. */
export function describeBindFailure(port: number, variable: PortVariable, error: unknown): string {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use: end what listens there, or set ${variable} to another port (leave it out for any free one).`;
  }
  if (code === 'EACCES') {
    return `Port ${port} needs more rights than this user has: set ${variable} to a port above 1023.`;
  }
  return `Port ${port} (${variable}) cannot be used: ${code ?? String(error)}.`;
}

function bindOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
