import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readSafetensors, writeSafetensors } from '../checkpoint/safetensors.js';
import type { StateDict } from '../checkpoint/state-dict.js';
import type { BertConfig } from '../config.js';
import { loadEngine } from '../graph/engine.js';
import { computeTypeOf, type Precision } from '../graph/precision.js';
import { type Batch, chunks, type EncodedDataset, epochBatches, padBatch } from './batches.js';
import { type Evaluation, type Progress, readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { evaluate } from './evaluate.js';
import type { HiddenBatch } from './hidden-state-file.js';
import { type FrozenReport, openHiddenStates } from './hidden-states.js';
import { linearSchedule } from './schedule.js';
import { TrainGraph } from './train-graph.js';

export interface TrainOptions {
  readonly epochs: number;
  readonly batchSize: number;
  /** Highest learning rate: reached after the warm-up. */
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Share of all steps in which the learning rate rises. */
  readonly warmupRatio: number;
  readonly maxGradNorm: number;
  /** Layers from the top that are trained; with all of them the embeddings are too. */
  readonly unfrozenLayers: number;
  readonly evaluationsPerEpoch: number;
  /** A checkpoint is written at every evaluation, and when this many minutes have passed. */
  readonly checkpointMinutes: number;
  readonly precision: Precision;
  readonly seed: number;
  /** Batches whose gradients make one step. @default 1 */
  readonly gradientAccumulationSteps?: number | undefined;
  /** Whether activations are computed again in the backward pass. @default false */
  readonly gradientCheckpointing?: boolean | undefined;
  /** Most bytes on disk for the output of frozen layers, which then is computed once. @default 0 */
  readonly frozenCacheBytes?: number | undefined;
  /** CPU threads; default: all cores. */
  readonly threads?: number | undefined;
}

export interface TrainInput {
  readonly config: BertConfig;
  /** All tensors of the model. Those that are trained are taken out as they move into the engine. */
  readonly weights: StateDict;
  readonly train: EncodedDataset;
  /** Held out from `train`; decides which weights are the best. Never the test split. */
  readonly dev: EncodedDataset;
  readonly options: TrainOptions;
  /** Where checkpoints lie. A training of the same fingerprint goes on from what lies there. */
  readonly folder: string;
  /** Names the data, the pretrained weights and the options, such as a hash of them. */
  readonly fingerprint: string;
  /** When it is aborted, a checkpoint is written, and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: (step: StepReport) => void;
  readonly onEvaluation?: (evaluation: Evaluation) => void;
  readonly onResume?: (step: number) => void;
  /** Once the frozen layers' output is known, or known to find no room. */
  readonly onFrozen?: (report: FrozenReport) => void;
  readonly onFrozenProgress?: (texts: number, total: number) => void;
}

export interface StepReport {
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  /** Computed, padding included. */
  readonly tokens: number;
  /** That the engine computed. */
  readonly seconds: number;
  /** That the engine had to wait for the batch. */
  readonly secondsWaited: number;
}

export interface TrainResult {
  /** Of the best evaluation, under Hugging Face's names. */
  readonly weights: StateDict;
  readonly best: Evaluation;
  readonly history: readonly Evaluation[];
  readonly steps: number;
  /** Of training, over all the attempts that it took. */
  readonly seconds: number;
}

/**
 * Fine-tunes a BERT classifier and returns the weights of its best evaluation on the dev split.
 * The same input gives the same weights, on the same machine, also when it is stopped at any
 * moment and called again.
 *
 * @throws Error when the loss is no longer a number
 */
export async function trainClassifier(input: TrainInput): Promise<TrainResult> {
  const { config, train, dev, options, folder, fingerprint } = input;
  const { batchSize, epochs, seed } = options;
  const { gradientAccumulationSteps: accumulation = 1 } = options;
  const stepsPerEpoch = Math.ceil(train.labels.length / batchSize / accumulation);
  const totalSteps = stepsPerEpoch * epochs;
  const evaluationsBefore = (step: number) =>
    Math.floor((step * options.evaluationsPerEpoch) / stepsPerEpoch);
  const evaluationIsDue = ({ step, stepsSinceEvaluation }: Progress) =>
    stepsSinceEvaluation > 0 && evaluationsBefore(step) > evaluationsBefore(step - 1);
  const bestFile = join(folder, 'best.safetensors');

  const beganAt = performance.now();
  await mkdir(folder, { recursive: true });
  const checkpoint = await readCheckpoint(folder, fingerprint);
  const engine = loadEngine(options);
  const computeType = computeTypeOf(options.precision);
  const frozenLayers = Math.max(config.numHiddenLayers - options.unfrozenLayers, 0);
  const hidden =
    frozenLayers > 0
      ? await openHiddenStates(engine, {
          config,
          weights: input.weights,
          datasets: [train, dev],
          layers: frozenLayers,
          computeType,
          folder: join(folder, 'frozen'),
          fingerprint,
          maxBytes: options.frozenCacheBytes ?? 0,
          signal: input.signal,
          onReport: input.onFrozen,
          onProgress: input.onFrozenProgress,
        })
      : undefined;
  const batchOf = async (dataset: EncodedDataset, indexes: readonly number[]) =>
    hidden ? hidden.batch(dataset, indexes) : padBatch(dataset, indexes, config.padTokenId);
  const graph = await TrainGraph.create(engine, config, input.weights, {
    ...options,
    computeType,
    skippedLayers: frozenLayers,
    accumulateGradients: accumulation > 1,
  });
  try {
    let progress: Progress = checkpoint?.progress ?? START(fingerprint);
    if (checkpoint) {
      await graph.writeState(checkpoint.state);
      input.onResume?.(progress.step);
    }
    const startedAt = beganAt - progress.seconds * 1000;
    let savedAt = performance.now();
    const save = async (state = graph.readState()) => {
      progress = { ...progress, seconds: (performance.now() - startedAt) / 1000 };
      await writeCheckpoint(folder, state, progress);
      savedAt = performance.now();
    };

    const evaluateNow = async () => {
      const { step, lossSinceEvaluation, stepsSinceEvaluation } = progress;
      const evaluation: Evaluation = {
        epoch: step / stepsPerEpoch,
        step,
        trainLoss: lossSinceEvaluation / stepsSinceEvaluation,
        ...(await evaluate(graph, dev, batchOf, input.signal)),
      };
      if (isBetter(evaluation, bestOf(progress.history))) {
        await writeSafetensors(bestFile, graph.readWeights());
      }
      const history = [...progress.history, evaluation];
      progress = { ...progress, history, lossSinceEvaluation: 0, stepsSinceEvaluation: 0 };
      input.onEvaluation?.(evaluation);
    };

    const stepNow = (batches: (Batch | HiddenBatch)[], secondsWaited: number) => {
      const step = progress.step + 1;
      const learningRate = linearSchedule(step, { ...options, totalSteps });
      const start = performance.now();
      const { loss, gradientNorm } = graph.step(batches, { step, learningRate, seed });
      const seconds = (performance.now() - start) / 1000;
      if (!Number.isFinite(loss)) throw divergence(step, loss);
      progress = {
        ...progress,
        step,
        lossSinceEvaluation: progress.lossSinceEvaluation + loss,
        stepsSinceEvaluation: progress.stepsSinceEvaluation + 1,
      };
      const epoch = Math.ceil(step / stepsPerEpoch);
      input.onStep?.({
        ...{ step, totalSteps, epoch, loss, learningRate, gradientNorm },
        ...{ tokens: tokensOf(batches), seconds, secondsWaited },
      });
    };

    try {
      for (let epoch = Math.floor(progress.step / stepsPerEpoch); epoch < epochs; epoch++) {
        const steps = chunks(epochBatches(train, { batchSize, seed, epoch }), accumulation);
        const load = (batches: number[][] = []) => {
          const loaded = Promise.all(batches.map((indexes) => batchOf(train, indexes)));
          loaded.catch(() => {}); // thrown where it is awaited, if ever
          return loaded;
        };
        let loading = load(steps[progress.step - epoch * stepsPerEpoch]);
        for (let i = progress.step - epoch * stepsPerEpoch; i < steps.length; i++) {
          if (evaluationIsDue(progress)) {
            await evaluateNow();
            await save();
          } else if (performance.now() - savedAt > options.checkpointMinutes * 60_000) {
            await save();
          }
          await setImmediate(); // a step blocks the event loop: this lets signals and logs through
          input.signal?.throwIfAborted();
          const waitedFrom = performance.now();
          const batches = await loading;
          const secondsWaited = (performance.now() - waitedFrom) / 1000;
          loading = load(steps[i + 1]); // other threads read while the engine computes
          stepNow(batches, secondsWaited);
        }
      }
      if (evaluationIsDue(progress)) await evaluateNow();
      await save(new Map()); // what is left to do needs the best weights only
    } catch (error) {
      if (input.signal?.aborted) await save();
      throw error;
    }
    return {
      weights: new Map([...input.weights, ...(await readSafetensors(bestFile))]),
      best: bestOf(progress.history)!,
      history: progress.history,
      steps: progress.step,
      seconds: progress.seconds,
    };
  } finally {
    graph.close();
    await hidden?.close();
  }
}

const tokensOf = (batches: readonly { lengths: Int32Array; length: number }[]) =>
  batches.reduce((sum, { lengths, length }) => sum + lengths.length * length, 0);

const START = (fingerprint: string): Progress => ({
  fingerprint,
  step: 0,
  lossSinceEvaluation: 0,
  stepsSinceEvaluation: 0,
  history: [],
  seconds: 0,
});

/** By accuracy; of equal ones by loss, then the earlier. */
const isBetter = (a: Evaluation, b: Evaluation | undefined) =>
  !b || a.devAccuracy > b.devAccuracy || (a.devAccuracy === b.devAccuracy && a.devLoss < b.devLoss);

const bestOf = (history: readonly Evaluation[]) =>
  history.reduce<Evaluation | undefined>((best, e) => (isBetter(e, best) ? e : best), undefined);

const divergence = (step: number, loss: number) =>
  new Error(`The loss became ${loss} at step ${step}: lower the learning rate`);
