// y = LayerNorm(dropout(x + bias) + residual): all that follows a sublayer's last matrix product.
#include "kernel.h"
#include "ops.h"
#include "parallel.h"

namespace {

template <typename T>
struct AddNorm {
  explicit AddNorm(Attributes attributes)
      : rate(attributes.real("rate")),
        epsilon(attributes.real("epsilon")),
        place(attributes.integer("place")),
        biases(attributes.integer("B")),
        residuals(attributes.integer("R")) {}

  void run(Call& call) const {
    const auto x = call.input<T>(0);
    const auto weight = call.input<float>(1), offset = call.input<float>(2);
    const auto seed = call.input<int32_t>(3);
    const auto bias = call.input<float>(biases ? 4 : 1);
    const auto residual = call.input<float>(residuals ? 4 + biases : 1);
    const int64_t columns = weight.size(), rows = x.size() / columns;
    const auto y = call.output<T>(0, x.shape());
    const auto wide = call.output<float>(1, x.shape());
    const auto normalized = call.output<T>(2, x.shape());
    const auto inverse = call.output<float>(3, {rows});
    const float *w = weight.data(), *o = offset.data(), *b = bias.data();

    Pieces(rows, columns).forEach([&](int64_t begin, int64_t end, int64_t) {
      const Keep keep(seed.data(), place, rate);
      std::vector<float> buffer(columns);
      float* sum = buffer.data();
      for (int64_t i = begin; i < end; i++) {
        const T* in = x.data() + i * columns;
        const float* r = residual.data() + (residuals ? i * columns : 0);
        const uint32_t first = static_cast<uint32_t>(i * columns);
        for (int64_t j = 0; j < columns; j++) sum[j] = widen(in[j]);
        if (biases) {
          for (int64_t j = 0; j < columns; j++) sum[j] += b[j];
        }
        if (rate > 0) {
          for (int64_t j = 0; j < columns; j++) sum[j] *= keep(first + static_cast<uint32_t>(j));
        }
        if (residuals) {
          for (int64_t j = 0; j < columns; j++) sum[j] += r[j];
        }
        float total = 0, squares = 0;
        for (int64_t j = 0; j < columns; j++) total += sum[j];
        const float mean = total / columns;
        for (int64_t j = 0; j < columns; j++) squares += (sum[j] - mean) * (sum[j] - mean);
        const float scale = 1.f / std::sqrt(squares / columns + epsilon);
        inverse.data()[i] = scale;
        T *out = y.data() + i * columns, *hat = normalized.data() + i * columns;
        float* outWide = wide.data() + i * columns;
#pragma GCC ivdep
        for (int64_t j = 0; j < columns; j++) {
          const float h = (sum[j] - mean) * scale, v = h * w[j] + o[j];
          hat[j] = narrow<T>(h);
          out[j] = narrow<T>(v);
          outWide[j] = v;
        }
      }
    });
  }

  float rate, epsilon;
  int place, biases, residuals;
};

/** The gradient by x, bias, residual, weight and offset, of dy = d (+ residual's gradient so far). */
template <typename T>
struct AddNormGrad {
  explicit AddNormGrad(Attributes attributes)
      : rate(attributes.real("rate")),
        place(attributes.integer("place")),
        residuals(attributes.integer("R")) {}

  void run(Call& call) const {
    const auto d = call.input<T>(0), normalized = call.input<T>(1);
    const auto inverse = call.input<float>(2), weight = call.input<float>(3);
    const auto seed = call.input<int32_t>(4);
    const auto extra = call.input<float>(residuals ? 5 : 3);
    const int64_t columns = weight.size(), rows = d.size() / columns;
    const auto dResidual = call.output<float>(0, d.shape());
    const auto dx = call.output<T>(1, d.shape());
    const auto dWeight = call.output<float>(2, {columns});
    const auto dOffset = call.output<float>(3, {columns});
    const auto dBias = call.output<float>(4, {columns});
    const float* w = weight.data();

    const Pieces pieces(rows, columns);
    ColumnSums weightSums(pieces, columns), offsetSums(pieces, columns), biasSums(pieces, columns);
    pieces.forEach([&](int64_t begin, int64_t end, int64_t piece) {
      const Keep keep(seed.data(), place, rate);
      std::vector<float> buffer(2 * columns);
      float *dy = buffer.data(), *hat = dy + columns;
      float *ws = weightSums.of(piece), *os = offsetSums.of(piece), *bs = biasSums.of(piece);
      for (int64_t i = begin; i < end; i++) {
        const T *in = d.data() + i * columns, *h = normalized.data() + i * columns;
        const float* r = extra.data() + (residuals ? i * columns : 0);
        for (int64_t j = 0; j < columns; j++) dy[j] = widen(in[j]);
        if (residuals) {
          for (int64_t j = 0; j < columns; j++) dy[j] += r[j];
        }
        float shift = 0, stretch = 0;
#pragma GCC ivdep
        for (int64_t j = 0; j < columns; j++) {
          hat[j] = widen(h[j]);
          ws[j] += dy[j] * hat[j];
          os[j] += dy[j];
          dy[j] *= w[j];
          shift += dy[j];
          stretch += dy[j] * hat[j];
        }
        shift /= columns;
        stretch /= columns;
        const float scale = inverse.data()[i];
        float* out = dResidual.data() + i * columns;
        for (int64_t j = 0; j < columns; j++) out[j] = scale * (dy[j] - shift - hat[j] * stretch);
        T* outX = dx.data() + i * columns;
        const uint32_t first = static_cast<uint32_t>(i * columns);
        for (int64_t j = 0; j < columns; j++) {
          const float v = rate > 0 ? out[j] * keep(first + static_cast<uint32_t>(j)) : out[j];
          bs[j] += v;
          outX[j] = narrow<T>(v);
        }
      }
    });
    weightSums.total(dWeight.data());
    offsetSums.total(dOffset.data());
    biasSums.total(dBias.data());
  }

  float rate;
  int place, residuals;
};

}  // namespace

void defineAddNorm() {
  define<AddNorm>({"BertAddNorm",
                   {"x: T", "weight: float", "offset: float", "seed: int32", "bias: B * float",
                    "residual: R * float"},
                   {"y: T", "wide: float", "normalized: T", "inverse: float"},
                   {"T: {float, bfloat16}", "B: int >= 0", "R: int >= 0", "rate: float",
                    "epsilon: float", "place: int"}});
  define<AddNormGrad>({"BertAddNormGrad",
                       {"d: T", "normalized: T", "inverse: float", "weight: float", "seed: int32",
                        "residual: R * float"},
                       {"dresidual: float", "dx: T", "dweight: float", "doffset: float",
                        "dbias: float"},
                       {"T: {float, bfloat16}", "R: int >= 0", "rate: float", "place: int"}});
}
