/**
 * What a pickle of a state dict is made of. An object that code would have to build appears as an
 * opaque `object` that the caller's globals made; nothing else can come out of {@link unpickle}.
 */
export type Pickled = null | boolean | number | string | object | Pickled[] | Map<Pickled, Pickled>;

/** A global that a pickle may call with REDUCE; `call` is ours, never the pickle's. */
export class PickleFunction {
  constructor(readonly call: (args: Pickled[]) => Pickled) {}
}

/** The pickle asks for something that is not part of a state dict. It was not done. */
export class ForbiddenPickle extends Error {
  override readonly name = 'ForbiddenPickle';
}

/** The bytes are not a whole pickle. */
export class DamagedPickle extends Error {
  override readonly name = 'DamagedPickle';
}

export interface PickleOptions {
  /** The only globals that the pickle may name, by `module.name`. */
  globals: ReadonlyMap<string, object>;
  /** Resolves a persistent id (PyTorch's reference to a storage). */
  persistentLoad: (id: Pickled) => object;
}

/**
 * Reads one pickle (protocols 2 to 4, the opcodes of a state dict) without ever executing it: a
 * global outside `options.globals`, and any opcode that could build another object, is refused by
 * name. Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 *
 * @returns The value and the position after the pickle.
 * @throws ForbiddenPickle, DamagedPickle
 */
export function unpickle(bytes: Buffer, start: number, options: PickleOptions) {
  const unpickler = new Unpickler(bytes, start, options);
  return { value: unpickler.load(), end: unpickler.position };
}

class Unpickler {
  private stack: Pickled[] = [];
  private readonly outerStacks: Pickled[][] = [];
  private readonly memo = new Map<number, Pickled>();

  constructor(
    private readonly bytes: Buffer,
    public position: number,
    private readonly options: PickleOptions,
  ) {}

  load(): Pickled {
    for (;;) {
      const opcode = this.take(1)[0]!;
      if (opcode === 0x2e) return this.pop(); // STOP
      this.step(opcode);
    }
  }

  private step(opcode: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        this.take(1);
        return;
      case 0x95: // FRAME
        this.take(8);
        return;
      case 0x4e: // NONE
        this.push(null);
        return;
      case 0x88: // NEWTRUE
        this.push(true);
        return;
      case 0x89: // NEWFALSE
        this.push(false);
        return;
      case 0x4b: // BININT1
        this.push(this.take(1)[0]!);
        return;
      case 0x4d: // BININT2
        this.push(this.take(2).readUInt16LE());
        return;
      case 0x4a: // BININT
        this.push(this.take(4).readInt32LE());
        return;
      case 0x8a: // LONG1
        this.push(this.integer(this.take(this.take(1)[0]!)));
        return;
      case 0x47: // BINFLOAT
        this.push(this.take(8).readDoubleBE());
        return;
      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING, a str of Python 2
        this.push(this.text(this.take(1)[0]!));
        return;
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
        this.push(this.text(this.take(4).readUInt32LE()));
        return;
      case 0x28: // MARK
        this.outerStacks.push(this.stack);
        this.stack = [];
        return;
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        this.push([]);
        return;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.push(this.popMany(opcode - 0x84));
        return;
      case 0x74: // TUPLE
      case 0x6c: // LIST
        this.push(this.popToMark());
        return;
      case 0x7d: // EMPTY_DICT
        this.push(new Map());
        return;
      case 0x64: // DICT
        this.push(setItems(new Map(), this.popToMark()));
        return;
      case 0x61: // APPEND
        this.append([this.pop()]);
        return;
      case 0x65: // APPENDS
        this.append(this.popToMark());
        return;
      case 0x73: // SETITEM
        this.setItems(this.popMany(2));
        return;
      case 0x75: // SETITEMS
        this.setItems(this.popToMark());
        return;
      case 0x71: // BINPUT
        this.memo.set(this.take(1)[0]!, this.top());
        return;
      case 0x72: // LONG_BINPUT
        this.memo.set(this.take(4).readUInt32LE(), this.top());
        return;
      case 0x94: // MEMOIZE
        this.memo.set(this.memo.size, this.top());
        return;
      case 0x68: // BINGET
        this.recall(this.take(1)[0]!);
        return;
      case 0x6a: // LONG_BINGET
        this.recall(this.take(4).readUInt32LE());
        return;
      case 0x63: // GLOBAL
        this.global(this.line(), this.line());
        return;
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2);
        this.global(String(module), String(name));
        return;
      }
      case 0x51: // BINPERSID
        this.push(this.options.persistentLoad(this.pop()));
        return;
      case 0x52: // REDUCE
        this.reduce();
        return;
      case 0x62: // BUILD
        this.build();
        return;
      default:
        throw forbidden(opcode);
    }
  }

  private global(module: string, name: string): void {
    const found = this.options.globals.get(`${module}.${name}`);
    if (found === undefined) throw new ForbiddenPickle(`names ${module}.${name}`);
    this.push(found);
  }

  private reduce(): void {
    const [callable, args] = this.popMany(2);
    if (!(callable instanceof PickleFunction) || !Array.isArray(args)) {
      throw new ForbiddenPickle('calls (REDUCE) what is not a function of a state dict');
    }
    this.push(callable.call(args));
  }

  /** PyTorch hangs `_metadata` on the OrderedDict of a state dict: it is dropped. */
  private build(): void {
    this.pop();
    if (!(this.top() instanceof Map)) {
      throw new ForbiddenPickle('sets the state (BUILD) of what is not a dictionary');
    }
  }

  private append(items: Pickled[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new DamagedPickle('APPENDS to what is not a list');
    for (const item of items) list.push(item);
  }

  private setItems(items: Pickled[]): void {
    const map = this.top();
    if (!(map instanceof Map)) throw new DamagedPickle('SETITEMS on what is not a dictionary');
    setItems(map, items);
  }

  private recall(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined) throw new DamagedPickle(`memo ${key} was never set`);
    this.push(value);
  }

  private push(value: Pickled): void {
    this.stack.push(value);
  }

  private top(): Pickled {
    const value = this.stack.at(-1);
    if (value === undefined) throw new DamagedPickle('the stack is empty');
    return value;
  }

  private pop(): Pickled {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): Pickled[] {
    if (this.stack.length < count) throw new DamagedPickle('the stack is empty');
    return this.stack.splice(-count);
  }

  private popToMark(): Pickled[] {
    const outer = this.outerStacks.pop();
    if (outer === undefined) throw new DamagedPickle('there is no mark');
    const items = this.stack;
    this.stack = outer;
    return items;
  }

  private take(count: number): Buffer {
    const end = this.position + count;
    if (end > this.bytes.length) throw new DamagedPickle(`ends at byte ${this.bytes.length}`);
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw new DamagedPickle(`ends at byte ${this.bytes.length}`);
    const line = this.text(end - this.position);
    this.position = end + 1;
    return line;
  }

  private text(length: number): string {
    return this.take(length).toString('utf8');
  }

  /** Little-endian two's complement. */
  private integer(bytes: Buffer): number {
    if (bytes.length === 0) return 0;
    if (bytes.length > 6) throw new DamagedPickle('an integer is out of range');
    return bytes.readIntLE(0, bytes.length);
  }
}

function setItems(map: Map<Pickled, Pickled>, items: Pickled[]): Map<Pickled, Pickled> {
  if (items.length % 2 !== 0) throw new DamagedPickle('a key has no value');
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
  return map;
}

/** Opcodes that build objects or look globals up in other ways. */
const FORBIDDEN_NAMES: Record<number, string> = {
  105: 'INST',
  111: 'OBJ',
  80: 'PERSID',
  129: 'NEWOBJ',
  146: 'NEWOBJ_EX',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  151: 'NEXT_BUFFER',
};

function forbidden(opcode: number): Error {
  const name = FORBIDDEN_NAMES[opcode];
  return name === undefined
    ? new DamagedPickle(`byte 0x${opcode.toString(16)} is no opcode of a state dict`)
    : new ForbiddenPickle(`uses the opcode ${name}`);
}
