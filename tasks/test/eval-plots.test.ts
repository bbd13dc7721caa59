import { toScores } from 'model-registry';
import { describe, expect, it } from 'vitest';
import { confusionMatrixPlot } from '../eval/plots/confusion-matrix.js';
import { reliabilityPlot } from '../eval/plots/reliability.js';
import { rocPlot } from '../eval/plots/roc.js';
import { slicesPlot } from '../eval/plots/slices.js';
import { trainingCurvesPlot } from '../eval/plots/training-curves.js';

/** The texts of an SVG, in drawing order. */
function textsOf(svg: string): string[] {
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
}

const estimate = { value: 0.8, low: 0.75, high: 0.85 };

describe('plots', () => {
  it('shows counts and shares of the confusion matrix under the labels', () => {
    const svg = confusionMatrixPlot(
      [
        [1500, 500],
        [0, 0],
      ],
      ['부정', '긍정'],
    );
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining(['부정', '긍정', '1,500', '75.0 %', '500', '25.0 %', '0', '0.0 %']),
    );
  });

  it('has a curve, and its AUC, for two labels one and for more one each', () => {
    const scores = (probabilities: number[][]) =>
      toScores(
        probabilities.map((row, index) => ({
          id: '',
          text: '',
          label: index % row.length,
          probabilities: row,
        })),
        probabilities[0]!.length,
      );
    const two = [
      [0.9, 0.1],
      [0.2, 0.8],
      [0.7, 0.3],
      [0.4, 0.6],
    ];
    expect(textsOf(rocPlot(scores(two), ['부정', '긍정'], estimate))).toContain(
      '긍정 (AUC 1.0000)',
    );
    const three = [
      [0.8, 0.1, 0.1],
      [0.1, 0.8, 0.1],
      [0.1, 0.1, 0.8],
      [0.2, 0.7, 0.1],
    ];
    const texts = textsOf(rocPlot(scores(three), ['기쁨', '슬픔', '분노'], estimate));
    expect(texts.filter((text) => text.includes('AUC 0') || text.includes('AUC 1'))).toHaveLength(
      4,
    );
    expect(texts).toContain('AUC 0.8000, 95 % interval 0.7500 to 0.8500');
  });

  it('draws the filled bins of the reliability diagram and no empty one', () => {
    const bins = [
      { low: 0.4, high: 0.5, rows: 0, confidence: Number.NaN, accuracy: Number.NaN },
      { low: 0.5, high: 0.6, rows: 30, confidence: 0.55, accuracy: 0.5 },
      { low: 0.6, high: 0.7, rows: 70, confidence: 0.66, accuracy: 0.7 },
    ];
    const svg = reliabilityPlot(bins, { value: 0.04, low: 0.01, high: 0.07 });
    expect(textsOf(svg)).toContain(
      'Expected calibration error 0.0400, 95 % interval 0.0100 to 0.0700',
    );
    // Bars of accuracy, one a filled bin, beside that of the legend.
    expect(svg.match(/fill="#74b3d8"/g)).toHaveLength(3);
  });

  it('draws training curves, even of a single point', () => {
    const point = { epoch: 1, step: 40, train_loss: 0.5, dev_loss: 0.6, dev_accuracy: 0.7 };
    const manifest = {
      version: 1 as const,
      model_id: 'm-1',
      files: {},
      best: { epoch: 1, step: 40, dev_accuracy: 0.7, dev_loss: 0.6 },
      seconds: 1,
      tokenizer_sha256: '',
    };
    expect(textsOf(trainingCurvesPlot({ ...manifest, history: [point] }))).toEqual(
      expect.arrayContaining(['training loss', 'dev loss', 'dev accuracy', 'Step']),
    );
    expect(
      textsOf(trainingCurvesPlot({ ...manifest, history: [point, { ...point, step: 80 }] })),
    ).toContain('Best on the dev split at step 40 (dashed): accuracy 70.0 %, loss 0.6000');
  });

  it('names each slice with its number of texts', () => {
    const slices = [{ name: 'negation', rows: 1234, accuracy: estimate }];
    expect(textsOf(slicesPlot(slices, estimate))).toEqual(
      expect.arrayContaining(['negation', '1,234 texts']),
    );
  });

  it('draws the line of the whole split where a slice of the same accuracy has its point', () => {
    const accuracy = { value: 0.82422, low: 0.81, high: 0.83 };
    const svg = slicesPlot([{ name: 'negation', rows: 1234, accuracy }], accuracy);
    const [, line] = svg.match(/<path d="M([\d.]+) [^"]*"[^>]*stroke-dasharray/)!;
    const [, point] = svg.match(/transform="matrix\(5\.5,0,0,5\.5,([\d.]+),/)!;
    expect(Math.abs(Number(line) - Number(point))).toBeLessThan(1);
  });
});
