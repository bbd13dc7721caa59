"""The peer of ml4-accuracy.ts: transformers' Trainer on the same texts with the same settings.

usage: python torch_accuracy.py '{"model": FOLDER, "train": TSV, "dev": TSV, "test": TSV, "work": FOLDER, ...}'
Prints {"accuracy": share} of the test texts, by the epoch that does better on the dev texts.
"""

import json
import shutil
import sys

import torch
from transformers import (
    BertForSequenceClassification, BertTokenizerFast, DataCollatorWithPadding, Trainer, TrainingArguments, set_seed,
)

task = json.loads(sys.argv[1])
set_seed(task["seed"])
tokenizer = BertTokenizerFast(f"{task['model']}/vocab.txt", do_lower_case=False, strip_accents=False)
model = BertForSequenceClassification.from_pretrained(task["model"], num_labels=2)
layers = model.config.num_hidden_layers
if task["unfrozen"] < layers:
    first = layers - task["unfrozen"]
    keep = tuple(f"bert.encoder.layer.{i}." for i in range(first, layers)) + ("bert.pooler", "classifier")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(keep))


def read(path):
    lines = open(path, encoding="utf-8", newline="\n").read().rstrip("\n").split("\n")[1:]
    rows = [line.rstrip("\r").split("\t") for line in lines]
    ids = tokenizer([text for _, text, _ in rows], truncation=True, max_length=task["max_length"])["input_ids"]
    return [dict(input_ids=i, labels=int(label)) for i, (_, _, label) in zip(ids, rows)]


trainer = Trainer(
    model,
    TrainingArguments(
        task["work"], num_train_epochs=task["epochs"], per_device_train_batch_size=32,
        per_device_eval_batch_size=128, learning_rate=1e-4, weight_decay=0.01, warmup_steps=0.1, max_grad_norm=1,
        seed=task["seed"], bf16=True, train_sampling_strategy="group_by_length", eval_strategy="epoch",
        save_strategy="epoch", load_best_model_at_end=True, metric_for_best_model="accuracy", report_to=[],
        disable_tqdm=True, use_cpu=True, dataloader_pin_memory=False,
    ),
    train_dataset=read(task["train"]), eval_dataset=read(task["dev"]), data_collator=DataCollatorWithPadding(tokenizer),
    compute_metrics=lambda p: {"accuracy": float((p.predictions.argmax(-1) == p.label_ids).mean())},
)
trainer.train()
test = sorted(read(task["test"]), key=lambda row: len(row["input_ids"]))
accuracy = trainer.evaluate(test)["eval_accuracy"]
shutil.rmtree(task["work"])
print(json.dumps({"accuracy": accuracy}), flush=True)
