/** A binary heap: `pop` takes the item that comes first. */
export class PriorityQueue<T> {
  private readonly heap: T[] = [];

  constructor(private readonly comesFirst: (a: T, b: T) => boolean) {}

  push(item: T): void {
    let index = this.heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.comesFirst(item, this.heap[parent]!)) break;
      this.heap[index] = this.heap[parent]!;
      index = parent;
    }
    this.heap[index] = item;
  }

  pop(): T | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) this.sink(last);
    return first;
  }

  /** Puts `item` where the first one was, below all that come before it. */
  private sink(item: T): void {
    const { heap } = this;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child + 1 < heap.length && this.comesFirst(heap[child + 1]!, heap[child]!)) child++;
      if (child >= heap.length || !this.comesFirst(heap[child]!, item)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = item;
  }
}
