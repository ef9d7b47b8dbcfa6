import { ApiError, notFound } from '../../errors/api-error.ts';
import type { Call } from '../../http/call.ts';
import { readJsonObject } from '../../http/json-body.ts';
import { type Answer, isRecord } from '../../http/messages.ts';
import { runAllOrNone } from './composite.ts';
import {
  halted,
  type InnerDispatch,
  isFailure,
  readSubrequests,
  type Subrequest,
  toEntry,
} from './subrequests.ts';

const FIRST_VERSION = 50;
const MAX_GRAPHS = 75;
/** The limit for one graph, and for all graphs of a request together. */
const MAX_NODES = 500;
/** The longest chain of references. */
const MAX_DEPTH = 15;
/** Kinds of nodes in all graphs of a request: object, version and method together. */
const MAX_NODE_KINDS = 15;
/** After so many failures the rest does not run. */
const MAX_FAILED_GRAPHS = 14;
/** Rows by id or external id, and nothing else. */
const ROW_URL = /^\/services\/data\/(v[\d.]+)\/sobjects\/(\w+)(?:\/([^/?]+)(?:\/([^/?]+))?)?\/?(?:\?.*)?$/;
const METHODS = new Set(['POST', 'GET', 'PATCH', 'DELETE']);

interface Graph {
  readonly graphId: string;
  readonly nodes: readonly Subrequest[];
}

/** `POST /composite/graph`: up to 75 graphs of requests, each a transaction of its own, as one API call. */
export function compositeGraph(call: Call, dispatch: InnerDispatch): Answer {
  if (Number(call.version) < FIRST_VERSION) throw notFound();
  const graphs = readGraphs(readJsonObject(call.request).graphs);
  let failed = 0;
  const results = graphs.map(({ graphId, nodes }) => {
    const answers =
      failed < MAX_FAILED_GRAPHS ? runAllOrNone(call, nodes, dispatch) : nodes.map(() => tooManyFailed());
    const isSuccessful = !answers.some(isFailure);
    if (!isSuccessful) failed += 1;
    const compositeResponse = nodes.map((node, at) => toEntry(node, answers[at]));
    return { graphId, graphResponse: { compositeResponse }, isSuccessful };
  });
  return { status: 200, json: { graphs: results } };
}

const tooManyFailed = (): Answer =>
  halted(`The processing was halted because ${MAX_FAILED_GRAPHS} graphs failed in this request.`);

function readGraphs(value: unknown): Graph[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'graphs must be a list of graphs');
  }
  if (value.length > MAX_GRAPHS) throw tooMany('graphs', MAX_GRAPHS);
  const graphs = value.map(readGraph);
  const ids = new Set(graphs.map(({ graphId }) => graphId));
  if (ids.size < graphs.length)
    throw new ApiError(400, 'INVALID_INPUT', 'graphId must be unique within a request');
  const nodes = graphs.flatMap((graph) => graph.nodes);
  if (nodes.length > MAX_NODES) throw tooMany('nodes', MAX_NODES);
  const kinds = new Set(
    nodes.map(({ url, method }) => `${method} ${ROW_URL.exec(url)?.slice(1, 3).join(' ')}`),
  );
  if (kinds.size > MAX_NODE_KINDS) throw tooMany('kinds of nodes', MAX_NODE_KINDS);
  return graphs;
}

function readGraph(value: unknown): Graph {
  const { graphId, compositeRequest } = isRecord(value) ? value : {};
  if (typeof graphId !== 'string' || graphId === '') {
    throw new ApiError(400, 'INVALID_INPUT', 'every graph needs a graphId');
  }
  const nodes = readSubrequests(compositeRequest);
  for (const { url, method } of nodes) {
    if (!isRowRequest(url, method)) {
      throw new ApiError(400, 'INVALID_INPUT', `A graph cannot hold ${method} ${url.split('?')[0]}`);
    }
  }
  if (depthOf(nodes) > MAX_DEPTH) throw tooMany('levels of references', MAX_DEPTH);
  return { graphId, nodes };
}

/** A POST goes to the object, the other methods to a row by id; a row by external id takes all methods. */
function isRowRequest(url: string, method: string): boolean {
  const match = ROW_URL.exec(url);
  if (!match || !METHODS.has(method)) return false;
  const [, , , idOrField, value] = match;
  if (['describe', 'updated', 'deleted'].includes(idOrField ?? '')) return false;
  if (idOrField === undefined) return method === 'POST';
  return value !== undefined || method !== 'POST';
}

/** How many nodes the longest chain of references has; a reference can only name an earlier node. */
function depthOf(nodes: readonly Subrequest[]): number {
  const depths = new Map<string, number>();
  for (const { referenceId, url, body } of nodes) {
    const text = url + JSON.stringify(body ?? '');
    const names = [...text.matchAll(/@\{(\w+)/g)].map((match) => match[1] ?? '');
    depths.set(referenceId, 1 + Math.max(0, ...names.map((name) => depths.get(name) ?? 0)));
  }
  return Math.max(...depths.values());
}

const tooMany = (what: string, most: number): ApiError =>
  new ApiError(400, 'LIMIT_EXCEEDED', `Limit of ${most} ${what} reached for a composite graph request`);
