/** A process of its own that answers each request with one row, so that only the client's CPU is counted. */
import { createServer } from 'node:http';

const row = {
  attributes: { type: 'Contact', url: '/services/data/v59.0/sobjects/Contact/0031I0000081tbPQAQ' },
  Id: '0031I0000081tbPQAQ',
  ...Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`Field_${index}__c`, `value ${index} of this row`]),
  ),
  SystemModstamp: '2026-11-23T12:00:00.000+0000',
};
const body = Buffer.from(JSON.stringify(row));
const server = createServer((request, response) => {
  request.resume();
  response
    .writeHead(200, {
      'content-type': 'application/json;charset=UTF-8',
      'content-length': body.length,
      'sforce-limit-info': 'api-usage=18/15000',
    })
    .end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
// Ends with whoever started it.
process.once('disconnect', () => process.exit(0));
