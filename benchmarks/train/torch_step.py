"""The peer of tfjs-step.ts: transformers' BERT-base, one train step a line.

Reads {"batch": B, "length": T, "unfrozen": n, "kind": k} from standard input, runs one step (or, of
kind "infer", one forward pass) and prints
{"seconds": s, "peak_bytes": rss}. The same work as ours: bf16 autocast, dropout, clipping by global
norm, AdamW (fused) with weight decay on matrices only.
"""

import json
import os
import resource
import sys
import time

import torch
from transformers import BertConfig, BertForSequenceClassification

config = json.loads(sys.argv[1])
precision = sys.argv[2]
torch.set_num_threads(int(os.environ["ML4_BENCH_THREADS"]))
torch.manual_seed(0)
model = BertForSequenceClassification(BertConfig(**config)).train()
layers = model.config.num_hidden_layers
optimizer, unfrozen_now = None, None


def unfreeze(unfrozen):
    global optimizer, unfrozen_now
    if unfrozen == unfrozen_now:
        return
    keep = tuple(f"bert.encoder.layer.{i}." for i in range(layers - unfrozen, layers))
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(unfrozen >= layers or name.startswith(("bert.pooler", "classifier", *keep)))
        parameter.grad = None
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [dict(params=[p for p in trained if p.ndim > 1], weight_decay=0.01),
         dict(params=[p for p in trained if p.ndim < 2], weight_decay=0.0)],
        lr=5e-5, fused=True,
    )
    unfrozen_now = unfrozen


def infer(ids, mask):
    model.eval()
    start = time.perf_counter()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        model(input_ids=ids, attention_mask=mask).logits.float().softmax(-1).numpy()
    return time.perf_counter() - start


def step(batch, length, unfrozen, kind):
    ids = torch.randint(5, config["vocab_size"], (batch, length))
    mask = torch.ones(batch, length, dtype=torch.long)
    mask[batch // 2:, length - length // 4:] = 0
    if kind == "infer":
        return infer(ids, mask)
    unfreeze(unfrozen)
    if kind == "recompute" and not model.is_gradient_checkpointing:
        model.gradient_checkpointing_enable()
    model.train()
    labels = torch.randint(0, 2, (batch,))
    start = time.perf_counter()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    loss.item()
    return time.perf_counter() - start


print("ready", flush=True)
for line in sys.stdin:
    request = json.loads(line)
    seconds = step(request["batch"], request["length"], request["unfrozen"], request["kind"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak_bytes": peak}), flush=True)
