/**
 * BERT, ELECTRA and RoBERTa text classifiers on TensorFlow.js: checkpoint files, tokenizer, training,
 * inference.
 *
 * @module
 */
export { loadPretrained, type Pretrained } from './checkpoint/load-pretrained.js';
export { readPytorchBin } from './checkpoint/pytorch-bin.js';
export { readSafetensors, writeSafetensors } from './checkpoint/safetensors.js';
export { savePretrained } from './checkpoint/save-pretrained.js';
export type { NamedTensor, StateDict } from './checkpoint/state-dict.js';
export {
  architectureOf,
  type BertConfig,
  type HiddenAct,
  maxTokens,
  parseBertConfig,
  toHuggingFaceConfig,
} from './config.js';
export { CheckpointError } from './errors.js';
export type { ModelType } from './family.js';
export { type Engine, EngineError, hasFusedOps, loadEngine } from './graph/engine.js';
export { computeTypeOf, hasBfloat16, type Precision } from './graph/precision.js';
export { InferenceGraph } from './inference/inference-graph.js';
export {
  type Prediction,
  type PredictOptions,
  TextClassifier,
  type TextClassifierOptions,
} from './inference/text-classifier.js';
export { initializeWeights } from './model/initialize.js';
export { CLEANING_NAMES, type CleaningName } from './tokenizer/cleaning.js';
export { Tokenizer } from './tokenizer/tokenizer.js';
export { CASED, type TokenizerConfig } from './tokenizer/tokenizer-config.js';
export { trainWordPiece, type WordPieceOptions } from './tokenizer/train-word-piece.js';
export { type Batch, type EncodedDataset, encodeDataset } from './train/batches.js';
export type { Evaluation } from './train/checkpoint.js';
export { FrozenLayers } from './train/frozen-layers.js';
export type { FrozenReport } from './train/hidden-states.js';
export {
  type StepReport,
  type TrainInput,
  type TrainOptions,
  type TrainResult,
  trainClassifier,
} from './train/train.js';
export { TrainGraph, type TrainGraphOptions } from './train/train-graph.js';
