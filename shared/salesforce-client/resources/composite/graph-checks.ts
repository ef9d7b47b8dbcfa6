import type { OrgCalls } from '../../transport/calls.ts';
import type { Graph } from './graph.ts';
import type { Step } from './step.ts';
import {
  bodyProblems,
  called,
  headerProblems,
  namingProblems,
  pathProblems,
  referencesOf,
  refersToNone,
} from './step-checks.ts';
import { toUrl } from './steps.ts';

/** REST API guide, "Composite Graph Limits". */
const MAX_GRAPHS = 75;
const MAX_NODES = 500;
const MAX_DEPTH = 15;
const MAX_KINDS_OF_NODE = 15;
const FIRST_VERSION = 50;

const ROW_URL = /^\/services\/data\/v([\d.]+)\/sobjects\/([^/?]+)(?:[/?]|$)/;

/** What is wrong with the graphs, so that the platform would refuse them. */
export function graphProblems(calls: OrgCalls, graphs: readonly Graph[]): string[] {
  const nodes = graphs.reduce((sum, { steps }) => sum + steps.length, 0);
  const kinds = new Set(graphs.flatMap(({ steps }) => steps.flatMap((step) => kindOf(calls, step) ?? [])));
  const version = Number(/v([\d.]+)$/.exec(calls.basePath)?.[1]);
  return [
    ...(version < FIRST_VERSION ? [`graphs need API version ${FIRST_VERSION}.0 or later`] : []),
    ...(graphs.length === 0 ? ['there is no graph'] : []),
    ...(graphs.length > MAX_GRAPHS
      ? [`there are ${graphs.length} graphs, and ${MAX_GRAPHS} are allowed`]
      : []),
    ...(nodes > MAX_NODES ? [`there are ${nodes} steps in all graphs, and ${MAX_NODES} are allowed`] : []),
    ...(kinds.size > MAX_KINDS_OF_NODE
      ? [
          `there are ${kinds.size} kinds of step (sObject, version, method) in all graphs, and ${MAX_KINDS_OF_NODE} are allowed`,
        ]
      : []),
    ...namingProblems(
      'graphId',
      graphs.map(({ graphId }) => graphId),
    ),
    ...graphs.flatMap(({ graphId, steps }, index) =>
      problemsWithin(calls, steps).map((problem) => `in ${called('graph', graphId, index)} ${problem}`),
    ),
  ];
}

function problemsWithin(calls: OrgCalls, steps: readonly Step[]): string[] {
  const names = steps.map(({ referenceId }) => referenceId);
  return [
    ...(steps.length === 0 ? ['there is no step'] : []),
    ...namingProblems('referenceId', names),
    ...pathProblems(steps),
    ...bodyProblems(steps),
    ...headerProblems(steps),
    ...steps.flatMap((step, index) =>
      kindOf(calls, step) === undefined
        ? [
            `${called('step', step.referenceId, index)} does not address a row of an sObject, and a graph allows nothing else`,
          ]
        : [],
    ),
    ...linkProblems(steps),
  ];
}

function kindOf(calls: OrgCalls, step: Step): string | undefined {
  const [, version, sObject] = ROW_URL.exec(toUrl(calls, String(step.path))) ?? [];
  return sObject === undefined ? undefined : `${sObject} ${version} ${step.method}`.toLowerCase();
}

/** Follows references layer by layer: steps that are left when no further layer is found refer to each other in a circle. */
function linkProblems(steps: readonly Step[]): string[] {
  const all = new Set(steps.map(({ referenceId }) => referenceId));
  const problems: string[] = [];
  let left = steps.map((step, index) => ({ step, index, name: step.referenceId, needs: referencesOf(step) }));
  for (const { step, index, needs } of left)
    for (const need of needs) if (!all.has(need)) problems.push(refersToNone(step, index, need));
  const done = new Set<string>();
  let depth = 0;
  while (left.length > 0) {
    const layer = left.filter(({ needs }) => needs.every((need) => done.has(need) || !all.has(need)));
    if (layer.length === 0) {
      problems.push(
        `${left.map(({ name, index }) => called('step', name, index)).join(', ')} refer to each other in a circle`,
      );
      break;
    }
    for (const { name } of layer) done.add(name);
    left = left.filter(({ name }) => !done.has(name));
    depth += 1;
  }
  if (depth > MAX_DEPTH) problems.push(`steps refer ${depth} levels deep, and ${MAX_DEPTH} are allowed`);
  return problems;
}
