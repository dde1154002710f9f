/** Encodings of a chunk, as the byte before its data names them. */
export const ENCODING_XOR = 1;
export const ENCODING_HISTOGRAM = 2;
export const ENCODING_FLOAT_HISTOGRAM = 3;
export const ENCODING_XOR2 = 4;
export const ENCODING_HISTOGRAM_ST = 5;
export const ENCODING_FLOAT_HISTOGRAM_ST = 6;

/** Bytes before the first sample of an XOR chunk: the number of samples, big-endian. */
export const XOR_HEADER_BYTES = 2;
