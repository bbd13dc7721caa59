#!/usr/bin/env bash
# Where a train step's time goes, by function (Linux's perf, both threads).
# usage: benchmarks/train/profile.sh [batch] [tokens] [trained layers] [kind]; first: npx tsc -b benchmarks
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
request="{\"batch\":${1:-32},\"length\":${2:-32},\"unfrozen\":${3:-12},\"kind\":\"${4:-full}\"}"
mkfifo "$folder/requests"
ML4_BENCH_THREADS=$(nproc) node benchmarks/dist/train/tfjs-step.js \
  '{"model_type":"bert","vocab_size":30000,"max_position_embeddings":300}' bf16 \
  <"$folder/requests" >"$folder/answers" 2>/dev/null &
exec 3>"$folder/requests"
for _ in 1 2 3; do echo "$request" >&3; done
until [ "$(grep -c seconds "$folder/answers")" -ge 3 ]; do sleep 0.1; done
perf record -q -o "$folder/perf.data" -F 499 -p $! -- sleep 8 &
for _ in $(seq 30); do echo "$request" >&3; done
wait %2
kill %1
perf report -i "$folder/perf.data" --no-children --sort symbol --percent-limit 0 2>/dev/null |
  grep -v '^#' | grep -v '^$' | awk '
    { share = $1 + 0; name = "other" }
    /0x0000/ { name = "matrix products (oneDNN)" }
    /dnnl::/ { name = "matrix products (oneDNN)" }
    /\[k\]/ { name = "kernel" }
    /AdamW|SquareSum/ { name = "AdamW and the gradients'"'"' norm" }
    /AddNorm/ { name = "bias, dropout, residual, LayerNorm" }
    /Activation/ { name = "bias, GELU" }
    /Softmax/ { name = "softmax, dropout" }
    /SplitHeads|MergeHeads/ { name = "heads apart and together" }
    { total[name] += share }
    END { for (name in total) printf "%5.1f %%  %s\n", total[name], name }' | sort -rn
