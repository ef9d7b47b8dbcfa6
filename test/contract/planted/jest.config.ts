import type { Config } from 'jest';
import layers from '../../../jest.config.ts';

const contract = layers.projects?.find((one) => typeof one !== 'string' && one.displayName === 'contract');

/** The contract layer, with a transformer that plants a bug. */
const config = {
  ...(contract as Config),
  transform: Object.fromEntries(
    Object.entries((contract as Config).transform ?? {}).map(([pattern, swc]) => [
      pattern,
      [`${import.meta.dirname}/transformer.ts`, swc[1]],
    ]),
  ),
};

export default config;
