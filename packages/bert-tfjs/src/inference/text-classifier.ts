import { setImmediate } from 'node:timers/promises';
import { loadPretrained } from '../checkpoint/load-pretrained.js';
import { type BertConfig, maxTokens } from '../config.js';
import { CheckpointError } from '../errors.js';
import { loadEngine } from '../graph/engine.js';
import { computeTypeOf, type Precision } from '../graph/precision.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type EncodedDataset, encodeDataset, padBatch, sortedBatches } from '../train/batches.js';
import { InferenceGraph } from './inference-graph.js';

export interface TextClassifierOptions {
  /** @default 'fp32', which gives the probabilities that Python gives */
  readonly precision?: Precision | undefined;
  /** CPU threads. @default all cores */
  readonly threads?: number | null | undefined;
}

export interface PredictOptions {
  /** Texts computed at once. @default 32 */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Prediction {
  /** The most probable label's name. */
  readonly label: string;
  /** Its probability, 0 … 1. */
  readonly score: number;
  /** Of every label, in the order of {@link TextClassifier.labels}. */
  readonly probabilities: readonly number[];
}

/** A fine-tuned model that labels texts. */
export class TextClassifier {
  private constructor(
    private readonly graph: InferenceGraph,
    private readonly tokenizer: Tokenizer,
    private readonly config: BertConfig,
  ) {}

  /**
   * Loads a Hugging Face folder of a fine-tuned model.
   *
   * @throws CheckpointError when a file is missing or damaged, or the model has no classifier
   * @throws EngineError when TensorFlow is not installed
   */
  static async load(
    folder: string,
    { precision = 'fp32', threads }: TextClassifierOptions = {},
  ): Promise<TextClassifier> {
    const { config, weights, missing, tokenizer } = await loadPretrained(folder);
    if (weights === null || missing.length > 0) {
      throw new CheckpointError(folder, 'the model has no classifier', 'Fine-tune it first.');
    }
    const engine = loadEngine({ threads: threads ?? undefined });
    const graph = await InferenceGraph.create(engine, config, weights, computeTypeOf(precision));
    return new TextClassifier(graph, tokenizer, config);
  }

  get labels(): readonly string[] {
    return this.config.labels;
  }

  /**
   * Labels texts; longer ones than the model was trained for are cut at their end.
   *
   * @returns a prediction for each text, in their order
   * @throws the signal's reason, between two batches
   */
  async predict(texts: readonly string[], options: PredictOptions = {}): Promise<Prediction[]> {
    const maxLength = Math.min(this.tokenizer.maxLength, maxTokens(this.config));
    const dataset = encodeDataset(
      texts.map((text) => ({
        inputIds: this.tokenizer.encode(text.normalize('NFC'), maxLength),
        label: 0,
      })),
    );
    return this.predictEncoded(dataset, [...texts.keys()], options);
  }

  /**
   * Labels texts that are token ids already, as of this model's tokenizer.
   *
   * @param indexes the examples to label
   * @returns a prediction for each index, in their order
   * @throws the signal's reason, between two batches
   */
  async predictEncoded(
    dataset: EncodedDataset,
    indexes: readonly number[],
    { batchSize = 32, signal }: PredictOptions = {},
  ): Promise<Prediction[]> {
    const { padTokenId, labels } = this.config;
    const predictions = new Array<Prediction>(indexes.length);
    for (const places of sortedBatches(dataset, batchSize, indexes)) {
      await setImmediate(); // a run blocks the event loop: this lets signals and requests through
      signal?.throwIfAborted();
      const batch = padBatch(
        dataset,
        places.map((place) => indexes[place]!),
        padTokenId,
      );
      const rows = this.graph.probabilities(batch);
      for (const [row, place] of places.entries()) {
        const probabilities = [...rows.subarray(row * labels.length, (row + 1) * labels.length)];
        const score = Math.max(...probabilities);
        predictions[place] = { label: labels[probabilities.indexOf(score)]!, score, probabilities };
      }
    }
    return predictions;
  }

  /** Frees the engine's memory. The classifier cannot be used afterwards. */
  dispose(): void {
    this.graph.close();
  }
}
