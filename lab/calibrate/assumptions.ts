/** A value that the data does not tell. */
export interface Assumption {
  /** A service, operation, call or part of the cluster. */
  readonly where: string;
  readonly field: string;
  /** What is used instead. */
  readonly used: string;
  readonly why: string;
}

export type Assume = (where: string, field: string, used: string, why: string) => void;
