export { functionTable } from './table.ts';
export { interpolate, interpolateHistograms, type InterpolatedHistogram } from './extended-rate.ts';
export { withoutMetadata } from './metadata-labels.ts';
