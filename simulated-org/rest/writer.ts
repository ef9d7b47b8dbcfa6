import type { Call } from '../http/call.ts';
import { header } from '../http/messages.ts';
import type { RowWriter } from '../store/row-writer.ts';

/** A writer that follows the call's `Sforce-Duplicate-Rule-Header`. */
export function writerOf(call: Call): RowWriter {
  const text = header(call.request.headers, 'sforce-duplicate-rule-header');
  if (text === undefined) return call.org.writer;
  const isSet = (name: string): boolean => new RegExp(`\\b${name}\\s*=\\s*true\\b`, 'i').test(text);
  return call.org.writer.with({
    allowSave: isSet('allowSave'),
    includeRecordDetails: isSet('includeRecordDetails'),
  });
}
