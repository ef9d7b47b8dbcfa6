/** @see expected-failure.mjs */
export class ExpectedFailure extends Error {
  override readonly name: 'ExpectedFailure';
}
