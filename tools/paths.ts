import { join } from 'node:path';

/** The project's folder. Every script and test is started there (`run.mjs`, Jest, the CDK CLI). */
export const projectRoot = process.cwd();

/** What this machine keeps between runs, and the folders of runs. Nothing in it is precious. */
export const localFolder = join(projectRoot, '.local');

/** The project's own Node, of the same major as the deployed runtime. */
export const projectNode = join(projectRoot, 'node_modules/node/bin/node');

/** Where npm puts the commands of the installed packages. */
export const commandFolder = join(projectRoot, 'node_modules/.bin');
