/**
 * A failure that the person who started the command can do something about.
 * Its message is one sentence that says what is wrong and what to do, and is all that is printed.
 * Plain JavaScript: the installation of everything else fails like this too.
 */
export class ExpectedFailure extends Error {
  name = 'ExpectedFailure';
}
