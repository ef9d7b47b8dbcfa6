/**
 * A datetime as Salesforce's JSON has it (`2024-01-01T00:00:00.000+0000`) in ISO 8601 and UTC.
 *
 * @returns `undefined` for what is no such time
 */
export function toIso(text: string): string | undefined {
  const time = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
