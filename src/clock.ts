// Time, as it is injected everywhere: monotonic, in milliseconds, and the same in every thread of the process
// (performance.now() starts at a different moment in each). Only differences mean anything.

export type Clock = () => number;

export const monotonicClock: Clock = () => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
};
