import { makeLogger } from '../../shared/runtime/logging.ts';
import { compose } from './composition.ts';
import { makeHandler } from './make-handler.ts';

const log = makeLogger('bulk-cleanup');

export const handler = makeHandler(compose(log), log);
