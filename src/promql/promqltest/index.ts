export {
  almostEqual,
  almostEqualHistograms,
  Mismatch,
  type Result,
  type ResultPoint,
  type ResultValue,
} from './compare.ts';
export { loadedSeries, type LoadedSample, type LoadedSeries } from './load.ts';
export { runEval, runScript, type EvalFailure, type Outcome, type ScriptEngine, type ScriptReport } from './runner.ts';
export { parseScript, ScriptError, type Command, type EvalCommand, type LoadCommand } from './script.ts';
export { type SequenceValue, type SeriesDescription } from './sequence.ts';
export { parseMetric, parseSeriesDescription } from './series-description.ts';
