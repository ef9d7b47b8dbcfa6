import { makeLogger } from '../../shared/runtime/logging.ts';
import { compose } from './composition.ts';
import { makeHandler } from './make-handler.ts';

export const handler = makeHandler(compose(), makeLogger('oauth-authorize'));
