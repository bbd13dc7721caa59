import type { BertConfig } from '../config.js';
import type { Tensor } from '../graph/graph.js';
import { add, gather, padEnd, reshape, subtract } from '../graph/ops.js';
import { activation } from './activation.js';
import { firstTokenAttention, type Sequences, selfAttention } from './attention.js';
import type { Differentiable, ForwardPass } from './differentiable.js';
import { dropout } from './dropout.js';
import { layerNorm } from './layer-norm.js';
import { linear } from './linear.js';
import type { EncoderLayerParameters } from './parameters.js';

/** What follows attention in a layer: output projection, residuals, normalization, feed-forward. */
function afterAttention(
  pass: ForwardPass,
  attended: Tensor,
  residual: Tensor,
  parameters: EncoderLayerParameters,
  { hiddenAct, hiddenDropoutProb, layerNormEps }: BertConfig,
) {
  const projected = linear(pass, attended, parameters.attentionOutput);
  const kept = dropout(pass, projected.output, hiddenDropoutProb);
  const middle = layerNorm(
    pass,
    add(kept.output, residual),
    parameters.attentionLayerNorm,
    layerNormEps,
  );
  const widened = linear(pass, middle.output, parameters.intermediate);
  const activated = activation(hiddenAct, widened.output);
  const narrowed = linear(pass, activated.output, parameters.output);
  const keptOutput = dropout(pass, narrowed.output, hiddenDropoutProb);
  const normalized = layerNorm(
    pass,
    add(keptOutput.output, middle.output),
    parameters.outputLayerNorm,
    layerNormEps,
  );
  return {
    output: normalized.output,
    backward(dy: Tensor): { attended: Tensor; residual: Tensor } {
      const d2 = normalized.backward(dy);
      const feedForward = widened.backward(
        activated.backward(narrowed.backward(keptOutput.backward(d2))),
      );
      const d1 = middle.backward(add(feedForward, d2));
      return { attended: projected.backward(kept.backward(d1)), residual: d1 };
    },
  };
}

/** A Transformer encoder layer (Devlin et al. 2019): x [batch·length, hidden] → the same. */
export function encoderLayer(
  pass: ForwardPass,
  x: Tensor,
  parameters: EncoderLayerParameters,
  sequences: Sequences,
  config: BertConfig,
): Differentiable {
  const attention = selfAttention(pass, x, parameters.selfAttention, sequences);
  const rest = afterAttention(pass, attention.output, x, parameters, config);
  return {
    output: rest.output,
    backward(dy) {
      const { attended, residual } = rest.backward(dy);
      return add(attention.backward(attended), residual);
    },
  };
}

/** The top layer for the first token of each sequence: x [batch·length, hidden] → [batch, hidden]. */
export function firstTokenEncoderLayer(
  pass: ForwardPass,
  x: Tensor,
  parameters: EncoderLayerParameters,
  sequences: Sequences,
  config: BertConfig,
): Differentiable {
  const { graph } = pass;
  const { batch, length, hiddenSize } = sequences;
  const tokens = reshape(x, [batch, length, hiddenSize]);
  const first = gather(tokens, graph.constant(0, 'int32'), 1);
  const attention = firstTokenAttention(pass, x, first, parameters.selfAttention, sequences);
  const rest = afterAttention(pass, attention.output, first, parameters, config);
  return {
    output: rest.output,
    backward(dy) {
      const { attended, residual } = rest.backward(dy);
      const inner = attention.backward(attended);
      const dFirst = reshape(add(inner.first, residual), [batch, 1, hiddenSize]);
      const others = subtract(length, 1);
      return add(inner.x, reshape(padEnd(dFirst, [0, others, 0]), [-1, hiddenSize]));
    },
  };
}
