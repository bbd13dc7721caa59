import type { FloatFormat } from './float-formats.js';
import { DamagedPickle, type Pickled, PickleFunction, unpickle } from './pickle.js';

/** The element type of a PyTorch storage; `format` is null for integers, which no weight uses. */
export class StorageType {
  constructor(
    readonly width: number,
    readonly format: FloatFormat | null,
  ) {}
}

/** A block of elements that tensors are views of; tied weights share one. */
export class TorchStorage {
  constructor(
    readonly key: string,
    readonly type: StorageType,
    readonly elements: number,
  ) {}
}

/** A strided view of a storage; offset and strides count elements. */
export class TorchTensor {
  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}
}

const GLOBALS: ReadonlyMap<string, object> = new Map<string, object>([
  ['collections.OrderedDict', new PickleFunction(orderedDict)],
  ['torch._utils._rebuild_tensor_v2', new PickleFunction(rebuildTensor)],
  ['torch._utils._rebuild_parameter', new PickleFunction(([tensor]) => tensor ?? null)],
  ['torch.FloatStorage', new StorageType(4, 'F32')],
  ['torch.HalfStorage', new StorageType(2, 'F16')],
  ['torch.BFloat16Storage', new StorageType(2, 'BF16')],
  ['torch.LongStorage', new StorageType(8, null)],
  ['torch.IntStorage', new StorageType(4, null)],
  ['torch.ByteStorage', new StorageType(1, null)],
  ['torch.BoolStorage', new StorageType(1, null)],
]);

/** One pickle of a PyTorch file: what `torch.save` wrote, with tensors as {@link TorchTensor}. */
export function unpickleTorch(bytes: Buffer, start: number) {
  const storages = new Map<string, TorchStorage>();
  const persistentLoad = (id: Pickled) => {
    const storage = readStorage(id);
    const known = storages.get(storage.key) ?? storage;
    if (known.type !== storage.type || known.elements !== storage.elements) {
      throw new DamagedPickle(`storage ${storage.key} is described in two ways`);
    }
    storages.set(known.key, known);
    return known;
  };
  return { ...unpickle(bytes, start, { globals: GLOBALS, persistentLoad }), storages };
}

/** Persistent ids are ('storage', type, key, location, elements[, view]). */
function readStorage(id: Pickled): TorchStorage {
  if (!Array.isArray(id)) throw new DamagedPickle('a persistent id is not a tuple');
  const [kind, type, key, , elements, view] = id;
  if (kind !== 'storage' || !(type instanceof StorageType) || typeof key !== 'string') {
    throw new DamagedPickle('a persistent id is not a storage');
  }
  if (view !== undefined && view !== null) {
    throw new DamagedPickle(`storage ${key} is a view of another storage`);
  }
  return new TorchStorage(key, type, count(elements, `the size of storage ${key}`));
}

/** Python 3 fills an OrderedDict with SETITEMS; Python 2 passes its pairs. */
function orderedDict([pairs]: Pickled[]): Map<Pickled, Pickled> {
  const map = new Map<Pickled, Pickled>();
  if (pairs === undefined) return map;
  if (!Array.isArray(pairs)) throw new DamagedPickle('an OrderedDict is not made of pairs');
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new DamagedPickle('an OrderedDict is not made of pairs');
    }
    map.set(pair[0]!, pair[1]!);
  }
  return map;
}

function rebuildTensor([storage, offset, shape, strides]: Pickled[]): TorchTensor {
  if (!(storage instanceof TorchStorage) || !Array.isArray(shape) || !Array.isArray(strides)) {
    throw new DamagedPickle('a tensor has no storage, size or stride');
  }
  if (shape.length !== strides.length) {
    throw new DamagedPickle('a tensor has as many sizes as strides');
  }
  return new TorchTensor(
    storage,
    count(offset, 'a tensor offset'),
    shape.map((size) => count(size, 'a tensor size')),
    strides.map((stride) => count(stride, 'a tensor stride')),
  );
}

function count(value: Pickled | undefined, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new DamagedPickle(`${what} is not a count`);
  }
  return value;
}
