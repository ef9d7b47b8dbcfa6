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
    | 'unmended'
    | 'bounded'
    | 'at-rest'
    | 'full-sweep'
    | 'plan'
    | 'evidence'
    | 'guard'
    /** A class of work has called though it had to wait. */
    | 'budget'
    | 'carried'
    | 'mark'
    | 'stranded'
    | 'tenant'
    | 'regress'
    | 'held'
    | 'stale'
    | 'stuck'
    | 'starved'
    | 'untold'
    | 'never-ends'
    | 'proof'
    | 'dead-letter'
    | 'crash'
    /** A child's parent, and whether accounts are doubled. */
    | 'references'
    /** A rehearsal wrote something, or did not say what was then written. */
    | 'rehearsal'
    /** Lines of the history: untrue ones, and values that none explains. */
    | 'history'
    /** An undo took back what it must not, or left half of it. */
    | 'undo'
    /** What is sent with a creation, never with it, or by name. */
    | 'made'
    /** What the operation `why` answers. */
    | 'why'
    /** Pairs that were there before. */
    | 'matched';
  readonly text: string;
}
