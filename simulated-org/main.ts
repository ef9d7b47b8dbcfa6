import { HELP, readCommandLine } from './command-line.ts';
import { greeting } from './greeting.ts';
import { startSimulatedOrg } from './simulated-org.ts';

/**
 * Runs a simulated org as a process of its own; see `--help`. When it is ready it prints what a person needs to use it,
 * or with `--json` one line with the addresses. Ends on SIGTERM and SIGINT. Exit code 2 is a mistake in the arguments.
 */
const asked = readCommandLine(process.argv.slice(2), process.env);
if (asked.kind === 'help') {
  console.log(HELP);
  process.exit(0);
}
if (asked.kind === 'refused') {
  for (const mistake of asked.mistakes) console.error(mistake);
  console.error('--help lists all options.');
  process.exit(2);
}

try {
  const running = await startSimulatedOrg(asked.options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      running.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
  const { origin, adminOrigin, orgId } = running;
  if (asked.isJson) console.log(JSON.stringify({ origin, adminOrigin, orgId, pid: process.pid }));
  else console.log(greeting(running, !asked.isSecretGiven));
} catch (error) {
  console.error(whyNotStarted(error));
  process.exit(1);
}

/** A sentence for what a person can change; anything else as it is. */
function whyNotStarted(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && 'port' in error)) return error;
  if (error.code === 'EADDRINUSE') return `The simulated org cannot start: port ${error.port} is in use.`;
  if (error.code === 'EACCES')
    return `The simulated org cannot start: this user may not listen on port ${error.port}.`;
  return error;
}
