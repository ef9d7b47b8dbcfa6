import type { Log } from '../../../shared/runtime/logging.ts';

/** Keeps what is logged, as text. */
export const aLog = (): Log & { readonly lines: string[] } => {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (...line: unknown[]): void => {
      lines.push(JSON.stringify([level, ...line]));
    };
  return {
    lines,
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    appendKeys: () => undefined,
    resetKeys: () => undefined,
  };
};
