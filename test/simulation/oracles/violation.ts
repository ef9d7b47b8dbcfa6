/** Something that must not be, found at the end of a schedule. */
export interface Violation {
  readonly oracle:
    | 'convergence'
    | 'lost'
    | 'untrue'
    | 'twin'
    | 'wiped'
    | 'returned'
    | 'by-its-hint'
    | 'bounded'
    | 'at-rest'
    | 'full-sweep'
    | 'evidence'
    | 'guard'
    | 'carried'
    | 'stranded'
    | 'tenant'
    | 'regress'
    | 'held'
    | 'stale'
    | 'stuck'
    | 'starved'
    | 'untold'
    | 'never-ends'
    | 'dead-letter'
    | 'crash';
  readonly text: string;
}
