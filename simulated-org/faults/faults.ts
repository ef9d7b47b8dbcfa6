import { unexpected } from '../errors/api-error.ts';
import { textOf } from '../errors/known-errors.ts';
import { RowFailure } from '../errors/row-failure.ts';
import type { Answer } from '../http/messages.ts';
import type { Fault } from './fault.ts';

interface ArmedFault {
  readonly fault: Fault;
  readonly method: RegExp;
  readonly path: RegExp;
  skip: number;
  times: number;
}

/** The faults that are armed. */
export class Faults {
  #armed: ArmedFault[] = [];

  /** Arms a fault; of several that match, the one armed first is used. */
  add(fault: Fault): void {
    this.#armed.push({
      fault,
      method: new RegExp(fault.method ?? '', 'i'),
      path: new RegExp(fault.path ?? ''),
      skip: fault.skip ?? 0,
      times: fault.times ?? 1,
    });
  }

  /** Disarms all. */
  clear(): void {
    this.#armed = [];
  }

  /** The armed faults, each with how often it will still happen. */
  list(): (Fault & { readonly remaining: number })[] {
    return this.#armed.map(({ fault, times }) => ({ ...fault, remaining: times }));
  }

  /** Takes the fault that matches this request, if there is one. */
  takeForRequest(method: string, pathAndQuery: string): Fault | undefined {
    return this.#take((fault) => fault.kind !== 'row', method, pathAndQuery);
  }

  /** Takes the armed answer whose path matches this part of a composite request, if there is one. */
  takeForSubrequest(method: string, pathAndQuery: string): Fault | undefined {
    const isWanted = ({ kind, path }: Fault): boolean => kind === 'answer' && Boolean(path);
    return this.#take(isWanted, method, pathAndQuery);
  }

  /** Takes the fault that matches this row, if there is one. */
  takeForRow(operation: string, body: Readonly<Record<string, unknown>>): RowFailure | undefined {
    const fault = this.#take(({ kind }) => kind === 'row', operation, JSON.stringify(body));
    if (!fault) return undefined;
    const id = typeof body.Id === 'string' ? body.Id : '';
    const { statusCode = 'UNABLE_TO_LOCK_ROW', fields = [], details } = fault;
    return new RowFailure(statusCode, fault.message ?? textOf('UNABLE_TO_LOCK_ROW') + id, fields, details);
  }

  #take(isWanted: (fault: Fault) => boolean, method: string, path: string): Fault | undefined {
    for (const armed of this.#armed) {
      if (!isWanted(armed.fault) || !armed.method.test(method) || !armed.path.test(path)) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.times -= 1;
      if (armed.times <= 0) this.#armed = this.#armed.filter((other) => other !== armed);
      return armed.fault;
    }
    return undefined;
  }
}

/** The answer that a fault of the kind `answer` gives. */
export function faultAnswer(fault: Fault): Answer {
  const status = fault.status ?? 500;
  const headers = { ...fault.headers };
  if (typeof fault.body === 'string') return { status, headers, text: fault.body };
  return fault.body === undefined
    ? { ...unexpected(), status, headers }
    : { status, headers, json: fault.body };
}
