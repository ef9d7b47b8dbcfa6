/** `npm run docs`: writes the pages of documentation that are made from the code. */
import { writeFileSync } from 'node:fs';
import { codesPage } from './docs/codes-page.ts';
import { runScript } from './script.ts';

await runScript(async () => {
  writeFileSync('docs/codes.md', codesPage());
  console.log('docs/codes.md is written.');
  return 0;
});
