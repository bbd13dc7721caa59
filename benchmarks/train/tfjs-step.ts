/**
 * Our side of compare.ts: reads {"batch", "length", "unfrozen", "kind"} a line from standard input, runs
 * one train step of bert-tfjs, and prints {"seconds", "peak_bytes"}. The weights are read from the file
 * that is named, else random.
 */
import { createInterface } from 'node:readline';
import {
  type Batch,
  computeTypeOf,
  FrozenLayers,
  InferenceGraph,
  initializeWeights,
  loadEngine,
  parseBertConfig,
  readSafetensors,
  TrainGraph,
} from 'bert-tfjs';

const [configJson = '{}', precision = 'bf16', weightsFile = ''] = process.argv.slice(2);
const config = parseBertConfig(JSON.parse(configJson), 'compare.ts');
const engine = loadEngine({ threads: Number(process.env.ML4_BENCH_THREADS) });
const random = (below: number) => Math.floor(Math.random() * below);

interface Request {
  batch: number;
  length: number;
  unfrozen: number;
  kind: 'full' | 'recompute' | 'top' | 'cached' | 'infer';
}

const computeType = computeTypeOf(precision === 'bf16' ? 'bf16' : 'fp32');

/** The batch after the frozen layers; without these some numbers, which do not change the time. */
function afterLayers({ inputIds, ...rest }: Batch, frozen: FrozenLayers | undefined) {
  const width = config.hiddenSize / (computeType === 'bfloat16' ? 2 : 1);
  const hiddenStates =
    frozen?.hiddenStates({ inputIds, ...rest }) ?? new Int32Array(inputIds.length * width);
  return { ...rest, hiddenStates, width };
}

/** A function that computes one step, or one inference, for a batch. */
async function prepare({ unfrozen, kind }: Request): Promise<(batch: Batch) => void> {
  const weights = weightsFile
    ? await readSafetensors(weightsFile)
    : initializeWeights(config, new Map(), 1);
  if (kind === 'infer') {
    const graph = await InferenceGraph.create(engine, config, weights, computeType);
    return (batch) => void graph.probabilities(batch);
  }
  const layers = Math.max(config.numHiddenLayers - unfrozen, 0);
  const frozen =
    kind === 'top'
      ? await FrozenLayers.create(engine, config, weights, { layers, computeType })
      : undefined;
  const graph = await TrainGraph.create(engine, config, weights, {
    unfrozenLayers: unfrozen,
    computeType,
    weightDecay: 0.01,
    maxGradNorm: 1,
    skippedLayers: layers,
    gradientCheckpointing: kind === 'recompute',
  });
  let step = 0;
  return (batch) => {
    const input = layers > 0 ? afterLayers(batch, frozen) : batch;
    graph.step([input], { step: ++step, learningRate: 5e-5, seed: 1 });
  };
}

let run: ((batch: Batch) => void) | undefined;
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const { batch: rows, length } = request;
  run ??= await prepare(request); // a process runs one kind of step
  const short = length - Math.floor(length / 4);
  const batch = {
    inputIds: Int32Array.from({ length: rows * length }, () => 5 + random(config.vocabSize - 5)),
    lengths: Int32Array.from({ length: rows }, (_, row) => (row < rows / 2 ? length : short)),
    length,
    labels: Int32Array.from({ length: rows }, () => random(2)),
  };
  const start = performance.now();
  run(batch);
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, peak_bytes: process.resourceUsage().maxRSS * 1024 }));
}
