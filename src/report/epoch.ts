/** One epoch's figures, terms by name. */
export interface ReportEpoch {
  readonly epoch: number;
  /** Of a run with several stages. */
  readonly stage?: string;
  readonly train: { readonly [metric: string]: number };
  /** Missing where this epoch was not tested. */
  readonly test?: { readonly [metric: string]: number };
  /** What its terms are measured in, where its stage has units of its own. */
  readonly units?: Units;
  /** Learning rates and the model's schedules. */
  readonly schedules?: { readonly [name: string]: number };
  readonly seconds: number;
  readonly stepsPerSecond: number;
}

/** What each term is measured in, such as "nats"; "" for plain numbers. */
export interface Units {
  readonly [metric: string]: string;
}
