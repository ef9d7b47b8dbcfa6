import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeAdminServer } from './admin/server.ts';
import { makeOrgServer } from './http/server.ts';
import { Org, type OrgOptions } from './org/org.ts';

/** How to start a simulated org. */
export interface SimulatedOrgOptions extends OrgOptions {
  /** Port of the org itself; a free one unless given. */
  readonly port?: number;
  /** Port of the admin page and its JSON routes; a free one unless given. */
  readonly adminPort?: number;
}

/** A running simulated org. */
export interface SimulatedOrg {
  /** Where clients log in and call the API. */
  readonly origin: string;
  /** Where the admin page is, and JSON routes for faults, clock, counts and records. */
  readonly adminOrigin: string;
  /** 18 characters. */
  readonly orgId: string;
  /** The org itself, for tests in the same process. */
  readonly org: Org;
  /** Stops the org, and the orgs that were started through its admin port. */
  close(): Promise<void>;
}

/**
 * Starts a Salesforce org in this process, on loopback only. It keeps its rows in memory.
 *
 * @throws when a port is in use (`EADDRINUSE`)
 */
export async function startSimulatedOrg(options: SimulatedOrgOptions): Promise<SimulatedOrg> {
  const org = new Org(options);
  const siblings: SimulatedOrg[] = [];
  const startSibling = async (seed: number) => {
    const { port: _, adminPort: __, ...rest } = options;
    const sibling = await startSimulatedOrg({ ...rest, seed });
    siblings.push(sibling);
    return { origin: sibling.origin, adminOrigin: sibling.adminOrigin, orgId: sibling.orgId };
  };
  const server = makeOrgServer(org);
  const admin = makeAdminServer(org, startSibling);
  try {
    org.origin = await listen(server, options.port ?? 0);
    const adminOrigin = await listen(admin, options.adminPort ?? 0);
    const close = async (): Promise<void> => {
      await Promise.all([stop(server), stop(admin), ...siblings.map((sibling) => sibling.close())]);
      await org.close();
    };
    return { origin: org.origin, adminOrigin, orgId: org.orgId, org, close };
  } catch (error) {
    await Promise.all([stop(server), org.close()]);
    throw error;
  }
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return `http://127.0.0.1:${address.port}`;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
