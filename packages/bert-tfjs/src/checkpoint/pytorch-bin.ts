import { CheckpointFile } from './checkpoint-file.js';
import { toFloat32 } from './float-formats.js';
import { DamagedPickle, ForbiddenPickle, type Pickled } from './pickle.js';
import { type StateDict, sizeOf } from './state-dict.js';
import { LEGACY_MAGIC, openTorchLegacy, openTorchZip, type TorchFile } from './torch-containers.js';
import { TorchTensor } from './torch-pickle.js';

/**
 * Reads the F32, F16 and BF16 tensors of a state dict that `torch.save` wrote (`pytorch_model.bin`,
 * both of PyTorch's formats) as float32; their data stay in the file until they are asked for. Nothing
 * in the file is ever executed: a pickle that names anything but the parts of a state dict is refused.
 *
 * @throws CheckpointError when the file is missing, truncated, damaged, or asks for more.
 */
export function readPytorchBin(path: string): Promise<StateDict> {
  return CheckpointFile.with(path, async (file) => {
    try {
      const torchFile = isLegacy(file) ? openTorchLegacy(file) : await openTorchZip(file);
      return tensorsIn(file, torchFile, findTensors(file, torchFile.value));
    } catch (error) {
      if (error instanceof ForbiddenPickle) {
        throw file.error(
          `the pickle ${error.message}, which no state dict needs; nothing of it was run`,
          'Do not load this file anywhere. Use a model.safetensors from a source you trust.',
        );
      }
      if (error instanceof DamagedPickle) {
        throw file.error(`the pickle is damaged: ${error.message}`);
      }
      throw error;
    }
  });
}

function isLegacy(file: CheckpointFile): boolean {
  return file.read(0, Math.min(LEGACY_MAGIC.length, file.size)).equals(LEGACY_MAGIC);
}

function findTensors(file: CheckpointFile, value: Pickled): Map<string, TorchTensor> {
  const fix = 'Save the model with save_pretrained, or torch.save(model.state_dict(), …).';
  if (!(value instanceof Map)) throw file.error('does not hold a state dict', fix);
  const tensors = new Map<string, TorchTensor>();
  for (const [name, tensor] of value) {
    if (typeof name !== 'string' || !(tensor instanceof TorchTensor)) {
      throw file.error(`its entry ${String(name)} is not a tensor, so it is no state dict`, fix);
    }
    tensors.set(name, tensor);
  }
  return tensors;
}

function tensorsIn(
  file: CheckpointFile,
  { storageStart }: TorchFile,
  tensors: Map<string, TorchTensor>,
): StateDict {
  const weights: StateDict = new Map();
  for (const [name, tensor] of tensors) {
    const { storage, shape } = tensor;
    const { format, width } = storage.type;
    if (format === null) continue;
    checkBounds(file, name, tensor);
    const storageBegin = storageStart(storage);
    if (storageBegin + storage.elements * width > file.size) {
      throw file.error(`is truncated: tensor ${name} ends behind byte ${file.size}`);
    }
    const begin = storageBegin + tensor.offset * width;
    const length = spanOf(tensor) * width;
    weights.set(name, {
      shape,
      get data() {
        return rowMajor(tensor, toFloat32(file.read(begin, length), format));
      },
    });
  }
  return weights;
}

function checkBounds(file: CheckpointFile, name: string, tensor: TorchTensor): void {
  const { storage, offset, shape } = tensor;
  if (offset + spanOf(tensor) > storage.elements || sizeOf(shape) > storage.elements) {
    throw file.error(
      `tensor ${name} [${shape}] reaches beyond the ${storage.elements} elements of its storage`,
    );
  }
}

/** Elements of its storage that a tensor reaches over, from its first on. */
function spanOf({ shape, strides }: TorchTensor): number {
  if (sizeOf(shape) === 0) return 0;
  return shape.reduce((span, size, axis) => span + (size - 1) * strides[axis]!, 1);
}

/** The elements of a tensor's span, in row-major order: a copy where they do not lie so. */
function rowMajor({ shape, strides }: TorchTensor, elements: Float32Array): Float32Array {
  if (isRowMajor(shape, strides)) return elements;
  const size = sizeOf(shape);
  const data = new Float32Array(size);
  const index = shape.map(() => 0);
  let source = 0;
  for (let i = 0; i < size; i++) {
    data[i] = elements[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      source -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return data;
}

function isRowMajor(shape: number[], strides: number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
