"""The peer of ml4_epoch.ts: an epoch with transformers' Trainer.

usage: python trainer.py '{"texts": FILE, "vocab": FILE, "config": {...}, "rows": N, "dev": N, "way": "plain"}'
plain: padded to max_length, float32, as examples do it. dynamic: the same, padded to a batch's longest
text. expert: group_by_length, dynamic padding, bf16.
Prints {"seconds": s, "tokens": n, "real_tokens": n, "peak_bytes": n}: from the texts in memory to the
trained weights on disk, with tokenizing, evaluation and checkpoint; without the start of Python and the
model's making. The tokens are those of training.
"""

import json
import os
import resource
import sys
import tempfile
import time

import torch
from transformers import (
    BertConfig, BertForSequenceClassification, BertTokenizerFast, DataCollatorWithPadding, Trainer,
    TrainingArguments, set_seed,
)

task = json.loads(sys.argv[1])
expert = task["way"] == "expert"
torch.set_num_threads(int(os.environ["ML4_BENCH_THREADS"]))
set_seed(1)
rows = [line.rstrip("\n").split("\t") for line in open(task["texts"], encoding="utf-8")][1:]
rows = rows[: task["rows"] + task["dev"]]
model = BertForSequenceClassification(BertConfig(**task["config"]))
if task["unfrozen"] < model.config.num_hidden_layers:
    first = model.config.num_hidden_layers - task["unfrozen"]
    keep = tuple(f"bert.encoder.layer.{i}." for i in range(first, model.config.num_hidden_layers))
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(("bert.pooler", "classifier", *keep)))
tokenizer = BertTokenizerFast(task["vocab"], do_lower_case=False, strip_accents=False)
computed = 0


class Examples(torch.utils.data.Dataset):
    def __init__(self, rows):
        encoded = tokenizer(
            [text for _, text, _ in rows], truncation=True, max_length=task["max_length"],
            padding="max_length" if task["way"] == "plain" else False,
        )
        self.rows = [
            dict({k: v[i] for k, v in encoded.items()}, labels=int(rows[i][2])) for i in range(len(rows))
        ]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


class Counting(DataCollatorWithPadding):
    def __call__(self, features):
        global computed
        batch = super().__call__(features)
        computed += batch["input_ids"].numel() if model.training else 0
        return batch


with tempfile.TemporaryDirectory() as folder:
    start = time.perf_counter()
    train, dev = Examples(rows[: task["rows"]]), Examples(rows[task["rows"] :])
    options = dict(bf16=True, train_sampling_strategy="group_by_length") if expert else {}
    trainer = Trainer(
        model,
        TrainingArguments(
            folder, num_train_epochs=task["epochs"], per_device_train_batch_size=task["batch_size"],
            per_device_eval_batch_size=128, learning_rate=5e-5, weight_decay=0.01, warmup_steps=0.1,
            max_grad_norm=1, eval_strategy="epoch", save_strategy="epoch", report_to=[],
            disable_tqdm=True, use_cpu=True, dataloader_pin_memory=False, **options,
        ),
        train_dataset=train, eval_dataset=dev, data_collator=Counting(tokenizer),
    )
    trainer.train()
    trainer.save_model(folder)
    seconds = time.perf_counter() - start
real = sum(sum(row["attention_mask"]) for row in train.rows) * task["epochs"]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "tokens": computed, "real_tokens": real, "peak_bytes": peak}), flush=True)
