/**
 * Runs one of the project's TypeScript scripts: `node tools/run.mjs <script.ts> [args]`.
 *
 * Needs only Node 20: what is missing is installed first, and the script then runs on the project's own Node 24.
 * The file stays free of syntax and imports that an older Node refuses, so that even there it can say what is wrong.
 */
const major = Number(process.versions.node.split('.')[0]);

if (major < 20) {
  refuse(`Node 20 or newer is needed, and this is ${process.version}.`);
} else if (process.platform === 'win32') {
  refuse('Windows itself is not supported: run this inside WSL (Windows Subsystem for Linux).');
} else {
  import('./install/launch.mjs')
    .then(({ launch }) => launch(process.argv.slice(2)))
    .then(
      (exitCode) => process.exit(exitCode),
      (error) => refuse(error.name === 'ExpectedFailure' ? error.message : error.stack),
    );
}

/** @param {string} sentence */
function refuse(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}
