import { makeLogger } from '../../shared/runtime/logging.ts';
import { makeCounters } from '../../shared/runtime/metrics.ts';
import { compose } from './composition.ts';
import { makeHandler } from './make-handler.ts';

export const handler = makeHandler(compose(), makeLogger('sync-worker'), makeCounters('sync-worker'));
