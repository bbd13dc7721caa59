// What lies between attention's matrix products: heads apart and together again, masked softmax.
#include "kernel.h"
#include "ops.h"
#include "parallel.h"

namespace {

/** x + bias, [batch·length, parts·heads·size] → `parts` tensors [batch, heads, length, size]. */
template <typename T>
struct SplitHeads {
  explicit SplitHeads(Attributes attributes)
      : heads(attributes.integer("heads")),
        parts(attributes.integer("P")),
        biases(attributes.integer("B")) {}

  void run(Call& call) const {
    const auto x = call.input<T>(0);
    const int64_t length = *call.input<int32_t>(1).data();
    const auto bias = call.input<float>(biases ? 2 : 1);
    const int64_t rows = x.dimension(0), columns = x.dimension(1), size = columns / (parts * heads);
    std::vector<Tensor<T>> outputs;
    for (int p = 0; p < parts; p++) {
      outputs.push_back(call.output<T>(p, {rows / length, heads, length, size}));
    }
    Pieces(rows, columns).forEach([&](int64_t begin, int64_t end, int64_t) {
      for (int64_t i = begin; i < end; i++) {
        for (int64_t group = 0; group < parts * heads; group++) {
          const int64_t p = group / heads, head = group % heads;
          const T* in = x.data() + i * columns + group * size;
          T* out = outputs[p].data() + ((i / length * heads + head) * length + i % length) * size;
          if (biases) {
            const float* b = bias.data() + group * size;
            for (int64_t j = 0; j < size; j++) out[j] = narrow<T>(widen(in[j]) + b[j]);
          } else {
            std::copy_n(in, size, out);
          }
        }
      }
    });
  }

  int heads, parts, biases;
};

/** The inverse of SplitHeads without bias, and the sum of each column. */
template <typename T>
struct MergeHeads {
  explicit MergeHeads(Attributes attributes) : parts(attributes.integer("P")) {}

  void run(Call& call) const {
    std::vector<Tensor<T>> inputs;
    for (int p = 0; p < parts; p++) inputs.push_back(call.input<T>(p));
    const int64_t batch = inputs[0].dimension(0), heads = inputs[0].dimension(1);
    const int64_t length = inputs[0].dimension(2), size = inputs[0].dimension(3);
    const int64_t rows = batch * length, columns = parts * heads * size;
    const auto y = call.output<T>(0, {rows, columns});
    const auto total = call.output<float>(1, {columns});
    const Pieces pieces(rows, columns);
    ColumnSums sums(pieces, columns);
    pieces.forEach([&](int64_t begin, int64_t end, int64_t piece) {
      for (int64_t i = begin; i < end; i++) {
        for (int64_t group = 0; group < parts * heads; group++) {
          const int64_t p = group / heads, head = group % heads;
          const T* in =
              inputs[p].data() + ((i / length * heads + head) * length + i % length) * size;
          T* out = y.data() + i * columns + group * size;
          float* sum = sums.of(piece) + group * size;
          std::copy_n(in, size, out);
          for (int64_t j = 0; j < size; j++) sum[j] += widen(in[j]);
        }
      }
    });
    sums.total(total.data());
  }

  int parts;
};

/** softmax(scale · scores) over the first `lengths` keys [batch], and the same after dropout. */
template <typename T>
struct Softmax {
  explicit Softmax(Attributes attributes)
      : rate(attributes.real("rate")),
        scale(attributes.real("scale")),
        place(attributes.integer("place")) {}

  void run(Call& call) const {
    const auto scores = call.input<T>(0);
    const auto lengths = call.input<int32_t>(1), seed = call.input<int32_t>(2);
    const int64_t keys = scores.dimension(3), rows = scores.size() / keys;
    const int64_t rowsPerText = scores.dimension(1) * scores.dimension(2);
    const auto p = call.outputInPlace<T>(0, 0, scores.shape());
    const auto dropped = call.output<T>(1, rate > 0 ? scores.shape() : Shape{0});
    Pieces(rows, keys).forEach([&](int64_t begin, int64_t end, int64_t) {
      const Keep keep(seed.data(), place, rate);
      std::vector<float> buffer(keys);
      float* e = buffer.data();
      for (int64_t i = begin; i < end; i++) {
        const int64_t length = std::min<int64_t>(lengths.data()[i / rowsPerText], keys);
        const T* in = scores.data() + i * keys;
        T* out = p.data() + i * keys;
        float highest = -3e38f, total = 0;
        for (int64_t j = 0; j < length; j++) e[j] = widen(in[j]) * scale;
        for (int64_t j = 0; j < length; j++) highest = e[j] > highest ? e[j] : highest;
        for (int64_t j = 0; j < length; j++) {
          e[j] = exponential(e[j] - highest);
          total += e[j];
        }
        const float inverse = 1.f / total;
        for (int64_t j = 0; j < length; j++) e[j] *= inverse;
        for (int64_t j = length; j < keys; j++) e[j] = 0.f;
        for (int64_t j = 0; j < keys; j++) out[j] = narrow<T>(e[j]);
        if (rate == 0) continue;
        T* kept = dropped.data() + i * keys;
        const uint32_t first = static_cast<uint32_t>(i * keys);
        for (int64_t j = 0; j < keys; j++) {
          kept[j] = narrow<T>(e[j] * keep(first + static_cast<uint32_t>(j)));
        }
      }
    });
  }

  float rate, scale;
  int place;
};

template <typename T>
struct SoftmaxGrad {
  explicit SoftmaxGrad(Attributes attributes)
      : rate(attributes.real("rate")),
        scale(attributes.real("scale")),
        place(attributes.integer("place")) {}

  void run(Call& call) const {
    const auto d = call.input<T>(0), p = call.input<T>(1);
    const auto seed = call.input<int32_t>(2);
    const int64_t keys = p.dimension(3), rows = p.size() / keys;
    const auto ds = call.outputInPlace<T>(0, 0, p.shape());
    Pieces(rows, keys).forEach([&](int64_t begin, int64_t end, int64_t) {
      const Keep keep(seed.data(), place, rate);
      std::vector<float> buffer(keys);
      float* dp = buffer.data();
      for (int64_t i = begin; i < end; i++) {
        const T *in = d.data() + i * keys, *probability = p.data() + i * keys;
        T* out = ds.data() + i * keys;
        for (int64_t j = 0; j < keys; j++) dp[j] = widen(in[j]);
        if (rate > 0) {
          const uint32_t first = static_cast<uint32_t>(i * keys);
          for (int64_t j = 0; j < keys; j++) dp[j] *= keep(first + static_cast<uint32_t>(j));
        }
        float total = 0;
        for (int64_t j = 0; j < keys; j++) total += dp[j] * widen(probability[j]);
        for (int64_t j = 0; j < keys; j++) {
          out[j] = narrow<T>(widen(probability[j]) * (dp[j] - total) * scale);
        }
      }
    });
  }

  float rate, scale;
  int place;
};

}  // namespace

void defineAttention() {
  define<SplitHeads>({"BertSplitHeads",
                      {"x: T", "length: int32", "bias: B * float"},
                      {"parts: P * T"},
                      {"T: {float, bfloat16}", "heads: int", "P: int >= 1", "B: int >= 0"}});
  define<MergeHeads>({"BertMergeHeads",
                      {"parts: P * T"},
                      {"merged: T", "sums: float"},
                      {"T: {float, bfloat16}", "P: int >= 1"}});
  define<Softmax>({"BertSoftmax",
                   {"scores: T", "lengths: int32", "seed: int32"},
                   {"p: T", "dropped: T"},
                   {"T: {float, bfloat16}", "rate: float", "scale: float", "place: int"}});
  define<SoftmaxGrad>({"BertSoftmaxGrad",
                       {"d: T", "p: T", "seed: int32"},
                       {"ds: T"},
                       {"T: {float, bfloat16}", "rate: float", "scale: float", "place: int"}});
}
