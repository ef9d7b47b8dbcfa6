import { stopAll } from '../../../tools/processes/children.ts';

/** Ends the orgs; Jest and MiniStack's own process end with the test command. */
export default async function tearDown(): Promise<void> {
  await stopAll();
}
