/**
 * How the process ends: 0 good, 1 an expectation was missed, 2 usage or input, 3 our bug, 4 another
 * digest than expected, 5 a cluster is out of reach, 130 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 130;

/** Where in a file a problem stands; lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What every error of the project carries; subclasses say who must act. */
export class FiredrillError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  /** The next step, in one sentence. */
  readonly hint: string | undefined;

  constructor(
    message: string,
    options: { code: string; exitCode: ExitCode; hint?: string | undefined; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.exitCode = options.exitCode;
    this.hint = options.hint;
  }
}

/** The person at the keyboard must act: a wrong flag, an unknown name. Exit code 2. */
export class UsageError extends FiredrillError {
  constructor(message: string, hint?: string) {
    super(message, { code: 'usage', exitCode: 2, hint });
  }
}

/** The author of a file must act: scenario, topology, policy, data. Exit code 2. */
export class InputError extends FiredrillError {
  readonly position: SourcePosition | undefined;

  constructor(
    message: string,
    options: { position?: SourcePosition; hint?: string; cause?: unknown } = {},
  ) {
    const at = options.position;
    super(at ? `${at.file}:${at.line}:${at.column}: ${message}` : message, {
      code: 'input',
      exitCode: 2,
      hint: options.hint,
      cause: options.cause,
    });
    this.position = at;
  }
}

/** Two runs that must agree to the byte do not. Exit code 4. */
export class DigestMismatchError extends FiredrillError {
  constructor(message: string, hint?: string) {
    super(message, { code: 'digest', exitCode: 4, hint });
  }
}

/** We must act: an invariant broke. Exit code 3, and the only error shown with its stack. */
export class InvariantError extends FiredrillError {
  constructor(message: string) {
    super(message, {
      code: 'invariant',
      exitCode: 3,
      hint: 'this is a bug in Firedrill; please report it with the replay line',
    });
  }
}

/** Throws an {@link InvariantError} when the condition does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
