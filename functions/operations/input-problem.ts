import type * as z from 'zod/mini';

type Issue = z.core.$ZodIssue;

/** What is wrong with an input, and where, in one sentence; quotes no value. */
export const inputProblem = ({ issues }: z.core.$ZodError): string => {
  const [issue] = issues;
  if (!issue) return 'The input is not valid.';
  const path = issue.path.map(String).join('.');
  return `${path === '' ? 'The input' : path} ${demandOf(issue)}.`;
};

const demandOf = (issue: Issue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return `must be of type ${issue.expected}`;
    case 'invalid_union':
      return `must be one of ${optionsOf(issue)}`;
    case 'unrecognized_keys':
      return `has keys that are not known: ${issue.keys.join(', ').slice(0, 200)}`;
    case 'too_big':
      return `must not be above ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_small':
      return `must not be below ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}`;
    default:
      return issue.message;
  }
};

const optionsOf = (issue: Issue): string =>
  'options' in issue && Array.isArray(issue.options) ? issue.options.join(', ') : 'the known forms';
