export { writeCheckpoint, type CheckpointOptions } from './checkpoint.ts';
export { checkpointName, listCheckpoints, listSegments, segmentName, type Compression } from './layout.ts';
export { systemLogFiles, type LogFiles } from './log-files.ts';
export { RecordDecoder } from './record-decoder.ts';
export {
  RecordEncoder,
  type ExemplarEntry,
  type HistogramEntry,
  type LogBatch,
  type MetadataEntry,
  type SeriesEntry,
  type TombstoneEntry,
} from './record-encoder.ts';
export { SampleBatch, type LogHandler } from './record.ts';
export { readSegment, type SegmentReport } from './segment-reader.ts';
export { SegmentWriter, type SegmentWriterOptions } from './segment-writer.ts';
export { WriteAheadLog, type ReplayProgress, type ReplayReport, type WriteAheadLogOptions } from './write-ahead-log.ts';
