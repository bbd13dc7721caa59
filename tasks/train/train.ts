import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EncodedDataset, trainClassifier } from 'bert-tfjs';
import { readEncodedSplit } from '../cache/encoded-split.js';
import type { Config } from '../pipeline/config.js';
import type { Progress, Result, StageContext } from '../pipeline/context.js';
import { readManifest, writeManifest } from '../pipeline/manifest.js';
import { createLoggedModel, publishModel } from './logged-model.js';
import { prepareModel } from './prepare-model.js';

// As many points as a curve needs; each costs a row in MLflow's database.
const POINTS_PER_CURVE = 500;

/**
 * Fine-tunes the pretrained model on the train split, keeps the weights that do best on the dev
 * split, and leaves them as an MLflow logged model. Stopped at any moment and called again, it goes
 * on from its last checkpoint.
 *
 * @throws InputError where fetch has not run, or what it left has changed
 * @throws CheckpointError where the pretrained model cannot be used
 */
export async function trainStage(config: Config, context: StageContext): Promise<Result> {
  const { volume, logger, signal } = context;
  const { dataset, pretrained } = await readManifest(volume, 'fetch/manifest.json');
  const model = await prepareModel(join(volume.root, pretrained.path), dataset.labels, config);
  const encoded = (split: 'train' | 'dev') =>
    readEncodedSplit(
      {
        name: `${dataset.name} ${split}`,
        split: dataset.splits[split],
        tokenizer: model.tokenizer,
        maxLength: config.dataset.max_length,
      },
      context,
    );
  const train = await encoded('train');
  const dev = await encoded('dev');
  logger.info(
    `Training on ${train.labels.length} texts, ${dev.labels.length} held out to choose the best weights.`,
  );

  const loggedModel = await createLoggedModel(config, context, pretrained);
  const logMetrics = await metricsOf(loggedModel.modelId, context);
  const { unfrozen_layers } = config.model;
  const layers = model.config.numHiddenLayers;
  const bar = context.progress('Training', stepsOf(config, train));
  let frozenBar: Progress | undefined;
  const every = Math.ceil(stepsOf(config, train) / POINTS_PER_CURVE);
  const folder = join(volume.workDir(), 'train');
  const result = await trainClassifier({
    config: model.config,
    weights: model.weights,
    train,
    dev,
    folder,
    // The pipeline's configuration cannot change under it; what else decides the weights is this.
    fingerprint: `${dataset.sha256} ${pretrained.sha256} ${JSON.stringify(config.train)}`,
    signal,
    options: {
      epochs: config.train.epochs,
      batchSize: config.train.batch_size,
      learningRate: config.train.learning_rate,
      weightDecay: config.train.weight_decay,
      warmupRatio: config.train.warmup_ratio,
      maxGradNorm: config.train.max_grad_norm,
      unfrozenLayers: unfrozen_layers === 'all' ? layers : Math.min(unfrozen_layers, layers),
      evaluationsPerEpoch: config.train.evaluations_per_epoch,
      checkpointMinutes: config.train.checkpoint_minutes,
      precision: config.train.precision,
      seed: config.train.seed,
      threads: config.train.threads ?? undefined,
      gradientAccumulationSteps: config.train.gradient_accumulation_steps,
      gradientCheckpointing: config.train.gradient_checkpointing,
      frozenCacheBytes: config.train.frozen_cache_gb * 1e9,
    },
    onFrozenProgress: (texts, total) => {
      frozenBar ??= context.progress('Frozen layers', total);
      frozenBar.update(texts);
    },
    onFrozen: ({ bytes, notKept }) => {
      frozenBar?.stop();
      const size = `${(bytes / 1e9).toFixed(1)} GB`;
      logger.info(
        notKept
          ? `The output of the frozen layers (${size}) is computed anew at every epoch: ${notKept}.`
          : `The output of the frozen layers is kept on disk: ${size}.`,
      );
    },
    onResume: (step) => logger.info(`Going on from the checkpoint of step ${step}.`),
    onStep: ({ step, epoch, loss, learningRate, gradientNorm }) => {
      bar.update(step, `epoch ${epoch}, loss ${loss.toFixed(3)}`);
      if (step % every !== 0) return;
      logMetrics.log(step, {
        'train/loss': loss,
        'train/learning_rate': learningRate,
        'train/gradient_norm': gradientNorm,
      });
    },
    onEvaluation: ({ step, trainLoss, devLoss, devAccuracy }) => {
      logger.info(
        `Step ${step}: train loss ${trainLoss.toFixed(4)}, dev loss ${devLoss.toFixed(4)}, dev accuracy ${(100 * devAccuracy).toFixed(2)} %`,
      );
      logMetrics.log(step, { 'dev/loss': devLoss, 'dev/accuracy': devAccuracy });
    },
  }).finally(() => {
    frozenBar?.stop();
    bar.stop();
  });
  await logMetrics.close();

  const { files, tokenizerSha256 } = await publishModel(
    { config: model.config, weights: result.weights, tokenizer: model.tokenizer },
    loggedModel,
    join(volume.workDir(), 'model'),
    { ...context, maxLength: config.dataset.max_length },
  );
  const { best, history, steps, seconds } = result;
  await writeManifest(volume, 'train/manifest.json', {
    version: 1,
    model_id: loggedModel.modelId,
    files,
    best: {
      epoch: best.epoch,
      step: best.step,
      dev_accuracy: best.devAccuracy,
      dev_loss: best.devLoss,
    },
    history: history.map(({ epoch, step, trainLoss, devLoss, devAccuracy }) => ({
      epoch,
      step,
      train_loss: trainLoss,
      dev_loss: devLoss,
      dev_accuracy: devAccuracy,
    })),
    seconds,
    tokenizer_sha256: tokenizerSha256,
  });
  await rm(folder, { recursive: true, force: true });
  return {
    model_id: loggedModel.modelId,
    dev_accuracy: best.devAccuracy,
    dev_loss: best.devLoss,
    best_step: best.step,
    steps,
    seconds: Math.round(seconds * 10) / 10,
  };
}

/**
 * Logs metrics of the model in the background. Steps that the run has from an earlier attempt are
 * not logged again.
 */
async function metricsOf(modelId: string, { mlflow, run }: StageContext) {
  const { data } = await mlflow.runs.get({ runId: run.runId });
  const logger = mlflow.metricLogger(run.runId);
  return {
    log(step: number, metrics: Record<string, number>) {
      const isNew = ([key]: [string, number]) => step > Number(data.metrics[key]?.step ?? -1);
      const entries = Object.entries(metrics).filter(isNew);
      logger.log(Object.fromEntries(entries), { step, modelId });
    },
    close: () => logger.close(),
  };
}

const stepsOf = ({ train }: Config, { labels }: EncodedDataset) =>
  Math.ceil(labels.length / train.batch_size / train.gradient_accumulation_steps) * train.epochs;
