/**
 * Our side of compare.ts: reads {"batch", "length", "unfrozen"} a line from standard input, runs
 * one train step of bert-tfjs, and prints {"seconds", "peak_bytes"}.
 */
import { createInterface } from 'node:readline';
import {
  computeTypeOf,
  initializeWeights,
  loadEngine,
  parseBertConfig,
  TrainGraph,
} from 'bert-tfjs';

const [configJson = '{}', precision = 'bf16'] = process.argv.slice(2);
const config = parseBertConfig(JSON.parse(configJson), 'compare.ts');
const engine = loadEngine({ threads: Number(process.env.ML4_BENCH_THREADS) });
const random = (below: number) => Math.floor(Math.random() * below);

let graph: TrainGraph | undefined;
let unfrozenNow: number | undefined;
let steps = 0;

async function unfreeze(unfrozenLayers: number): Promise<TrainGraph> {
  if (graph && unfrozenLayers === unfrozenNow) return graph;
  graph?.close();
  graph = await TrainGraph.create(engine, config, initializeWeights(config, new Map(), 1), {
    unfrozenLayers,
    computeType: computeTypeOf(precision === 'bf16' ? 'bf16' : 'fp32'),
    weightDecay: 0.01,
    maxGradNorm: 1,
  });
  unfrozenNow = unfrozenLayers;
  return graph;
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const { batch: rows, length, unfrozen } = JSON.parse(line) as Record<string, number>;
  const train = await unfreeze(unfrozen!);
  const short = length! - Math.floor(length! / 4);
  const batch = {
    inputIds: Int32Array.from({ length: rows! * length! }, () => 5 + random(config.vocabSize - 5)),
    lengths: Int32Array.from({ length: rows! }, (_, row) => (row < rows! / 2 ? length! : short)),
    length: length!,
    labels: Int32Array.from({ length: rows! }, () => random(2)),
  };
  const start = performance.now();
  train.step([batch], { step: ++steps, learningRate: 5e-5, seed: 1 });
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, peak_bytes: process.resourceUsage().maxRSS * 1024 }));
}
