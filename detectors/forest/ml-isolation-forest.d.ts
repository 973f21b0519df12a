/** The package ships no types; this is the part that the adapter uses. */
declare module 'ml-isolation-forest' {
  export class IsolationForest {
    constructor(options?: { nEstimators?: number });
    train(trainingSet: readonly number[][]): void;
    predict(data: readonly number[][]): number[];
  }
}
