// Loaded before the program: a bug in it, whose message holds what somebody else wrote.
Array.prototype.toSorted = () => {
  throw new TypeError(process.env.LAV_BUG);
};
