import { describe, expect, it } from 'vitest';
import { loadEngine } from '../src/graph/engine.js';
import { Graph } from '../src/graph/graph.js';
import { Session } from '../src/graph/session.js';
import { dropout } from '../src/model/dropout.js';

const SHAPE = [75, 77];
const SIZE = SHAPE[0]! * SHAPE[1]!;

async function withDropout(
  rate: number,
  use: (mask: (seed: number[]) => Float32Array) => void,
  fusedOps = true,
) {
  const engine = loadEngine();
  const graph = new Graph({ fusedOps });
  const x = graph.placeholder('x', 'float32');
  const source = { seed: graph.placeholder('seed', 'int32'), places: 0 };
  const pass = { graph, computeType: 'float32', dropout: source, gradients: new Map() } as const;
  graph.output('y', dropout(pass, x, rate).output);
  const session = await Session.open(engine, graph);
  const ones = new Float32Array(SIZE).fill(1);
  use((seed) => {
    const feeds = {
      x: { shape: SHAPE, data: ones },
      seed: { shape: [2], data: Int32Array.from(seed) },
    };
    return session.run(feeds, ['y'])[0] as Float32Array;
  });
  session.close();
}

describe('dropout', () => {
  it('zeroes the given share of an odd number of elements and scales the others up', () =>
    withDropout(0.1, (mask) => {
      const values = mask([1, 1]);
      const dropped = values.filter((value) => value === 0).length / SIZE;
      expect(dropped).toBeCloseTo(0.1, 1);
      for (const value of values) if (value !== 0) expect(value).toBeCloseTo(1 / 0.9, 4);
    }));

  it('drops the same elements for the same seed and step, and others for others', () =>
    withDropout(0.5, (mask) => {
      expect(mask([7, 3])).toEqual(mask([7, 3]));
      expect(mask([7, 4])).not.toEqual(mask([7, 3]));
      expect(mask([8, 3])).not.toEqual(mask([7, 3]));
    }));
});
