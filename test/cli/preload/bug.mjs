// Loaded before the program: something it builds a run on does not work, as no failure foresees.
AbortSignal.any = () => {
  throw new TypeError("no such signal\n    at somewhere");
};
