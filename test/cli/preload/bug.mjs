// Loaded before the program: something it builds a run on does not work, as no failure foresees.
AbortSignal.any = () => {
  throw new TypeError(process.env.LAV_BUG ?? "no such signal\n    at somewhere");
};
