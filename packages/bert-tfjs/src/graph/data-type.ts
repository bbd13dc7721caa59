/** TensorFlow's `DataType` enum (tensorflow/core/framework/types.proto), as far as the graphs use it. */
export const DATA_TYPE = {
  float32: 1,
  int32: 3,
  uint8: 4,
  uint16: 17,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

export type DataType = keyof typeof DATA_TYPE;
