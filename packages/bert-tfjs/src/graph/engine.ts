import { createRequire } from 'node:module';
import util from 'node:util';
import { loadFusedOps } from './fused-ops.js';
import { withoutStderr } from './without-stderr.js';

/** What ml4 uses of tfjs-node's native binding: tensors by id, and SavedModels run by node name. */
export interface Engine {
  readonly TF_Version: string;
  createTensor(shape: readonly number[], dtype: number, data: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(
    id: number,
    inputIds: readonly number[],
    inputNames: string,
    outputNames: string,
  ): { id: number; shape: number[]; dtype: number }[];
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
}

/** The native engine is not installed, or cannot be loaded on this machine. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

interface TensorFlow {
  backend(): { binding: Engine };
}

let engine: Engine | undefined;
let fusedOps = false;

/** Whether the loaded engine has bert-tfjs's own ops (native/). */
export const hasFusedOps = (): boolean => fusedOps;

/**
 * Loads tfjs-node-gpu and returns its binding; the first call decides the threads for the process.
 *
 * @param threads CPU threads of one op (default: all cores)
 * @throws EngineError when the package's native part is missing
 */
export function loadEngine({ threads }: { threads?: number | undefined } = {}): Engine {
  engine ??= load(threads);
  return engine;
}

function load(threads?: number): Engine {
  if (threads) process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // tfjs 4.22 calls two functions that Node 23 removed.
  const legacy = util as unknown as Record<string, unknown>;
  legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
  try {
    const require = createRequire(import.meta.url);
    const tf = withoutStderr(() => require('@tensorflow/tfjs-node-gpu')) as TensorFlow;
    const { binding } = tf.backend();
    fusedOps = !binding.isUsingGpuDevice() && loadFusedOps();
    // Each fused op takes all threads: two at a time would only wait for each other.
    if (fusedOps) process.env.TF_NUM_INTEROP_THREADS ??= '1';
    return binding;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new EngineError(
      `The TensorFlow engine cannot be loaded: ${reason}. Install it with: npm run setup`,
      { cause },
    );
  }
}
