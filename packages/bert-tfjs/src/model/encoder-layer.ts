import type { BertConfig } from '../config.js';
import type { Tensor } from '../graph/graph.js';
import { add, gather, padEnd, reshape, subtract } from '../graph/ops.js';
import { biasedActivation } from './activation.js';
import { addNorm, type Hidden } from './add-norm.js';
import { firstTokenAttention, selfAttention } from './attention.js';
import type { ForwardPass } from './differentiable.js';
import type { Sequences } from './heads.js';
import { product } from './linear.js';
import type { EncoderLayerParameters } from './parameters.js';

/** A layer's output, and its gradients' way back: a gradient is the sum of one or two tensors. */
export interface EncoderLayer {
  readonly output: Hidden;
  backward(gradient: readonly Tensor[]): readonly Tensor[];
}

/** What follows attention in a layer: output projection, residuals, normalization, feed-forward. */
function afterAttention(
  pass: ForwardPass,
  attended: Tensor,
  residual: Tensor,
  parameters: EncoderLayerParameters,
  { hiddenAct, hiddenDropoutProb: rate, layerNormEps: epsilon }: BertConfig,
) {
  const { attentionOutput, intermediate, output } = parameters;
  const projected = product(pass, attended, attentionOutput.weight);
  const middle = addNorm(pass, {
    product: projected.output,
    bias: attentionOutput.bias,
    residual,
    norm: parameters.attentionLayerNorm,
    rate,
    epsilon,
  });
  const widened = product(pass, middle.output.value, intermediate.weight);
  const activated = biasedActivation(pass, hiddenAct, widened.output, intermediate.bias);
  const narrowed = product(pass, activated.output, output.weight);
  const normalized = addNorm(pass, {
    product: narrowed.output,
    bias: output.bias,
    residual: middle.output.wide,
    norm: parameters.outputLayerNorm,
    rate,
    epsilon,
  });
  return {
    output: normalized.output,
    backward(gradient: readonly Tensor[]): { attended: Tensor; residual: Tensor } {
      const d2 = normalized.backward(gradient);
      const feedForward = widened.backward(activated.backward(narrowed.backward(d2.product)));
      const d1 = middle.backward([feedForward, d2.residual]);
      return { attended: projected.backward(d1.product), residual: d1.residual };
    },
  };
}

/** A Transformer encoder layer (Devlin et al. 2019): x [batch·length, hidden] → the same. */
export function encoderLayer(
  pass: ForwardPass,
  x: Hidden,
  parameters: EncoderLayerParameters,
  sequences: Sequences,
  config: BertConfig,
): EncoderLayer {
  const attention = selfAttention(pass, x.value, parameters.selfAttention, sequences);
  const rest = afterAttention(pass, attention.output, x.wide, parameters, config);
  return {
    output: rest.output,
    backward(gradient) {
      const { attended, residual } = rest.backward(gradient);
      return [attention.backward(attended), residual];
    },
  };
}

/** The top layer for the first token of each sequence: x [batch·length, hidden] → [batch, hidden]. */
export function firstTokenEncoderLayer(
  pass: ForwardPass,
  x: Hidden,
  parameters: EncoderLayerParameters,
  sequences: Sequences,
  config: BertConfig,
): EncoderLayer {
  const { graph } = pass;
  const { batch, length, hiddenSize } = sequences;
  const tokens = reshape(x.wide, [batch, length, hiddenSize]);
  const first = gather(tokens, graph.constant(0, 'int32'), 1);
  const attention = firstTokenAttention(pass, x.value, first, parameters.selfAttention, sequences);
  const rest = afterAttention(pass, attention.output, first, parameters, config);
  return {
    output: rest.output,
    backward(gradient) {
      const { attended, residual } = rest.backward(gradient);
      const inner = attention.backward(attended);
      const dFirst = add(graph.cast(inner.first, 'float32'), residual);
      const others = subtract(length, 1);
      const padded = padEnd(reshape(dFirst, [batch, 1, hiddenSize]), [0, others, 0]);
      return [inner.x, reshape(padded, [-1, hiddenSize])];
    },
  };
}

/**
 * {@link encoderLayer} that keeps nothing but its input for the backward pass, and is computed again
 * there (Chen et al. 2016).
 */
export function recomputedEncoderLayer(
  pass: ForwardPass,
  x: Hidden,
  ...rest: [EncoderLayerParameters, Sequences, BertConfig]
): EncoderLayer {
  const { dropout, graph } = pass;
  const places = dropout?.places ?? 0;
  return {
    output: encoderLayer(pass, x, ...rest).output,
    backward(gradient) {
      // Not before the gradient is there; from other nodes, so that TensorFlow takes them for others.
      const again = (tensor: Tensor) =>
        graph.output(`again_${graph.nodes.length}`, tensor, gradient);
      const placesNow = dropout?.places ?? 0;
      if (dropout) dropout.places = places; // so that the same units are dropped
      const layer = encoderLayer(pass, { value: again(x.value), wide: again(x.wide) }, ...rest);
      if (dropout) dropout.places = placesNow;
      return layer.backward(gradient);
    },
  };
}
