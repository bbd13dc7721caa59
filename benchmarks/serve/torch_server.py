"""The reference: FastAPI and transformers on PyTorch in bfloat16, as an expert would serve a BERT.

usage: torch_server.py MODEL PORT [--batching]
Without --batching each request is computed by a thread of its own; with it, what waits is computed
together, as ml4 does. Needs fastapi, uvicorn[standard], torch, transformers.
"""

import argparse
import asyncio
from contextlib import asynccontextmanager

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

arguments = argparse.ArgumentParser()
arguments.add_argument("model")
arguments.add_argument("port", type=int)
arguments.add_argument("--batching", action="store_true")
options = arguments.parse_args()

tokenizer = AutoTokenizer.from_pretrained(options.model)
model = AutoModelForSequenceClassification.from_pretrained(options.model, dtype=torch.bfloat16)
model.eval()
labels = [model.config.id2label[i] for i in range(model.config.num_labels)]


class Request(BaseModel):
    text: str


@torch.inference_mode()
def compute(texts: list[str]) -> list[list[float]]:
    tokens = tokenizer(texts, padding=True, truncation=True, max_length=300, return_tensors="pt")
    return model(**tokens).logits.float().softmax(-1).tolist()


def answer(row: list[float]) -> dict:
    score = max(row)
    label = labels[row.index(score)]
    probabilities = dict(zip(labels, row))
    return {"predictions": [{"label": label, "score": score, "probabilities": probabilities}]}


waiting: asyncio.Queue = asyncio.Queue()


async def batches() -> None:
    while True:
        batch = [await waiting.get()]
        while not waiting.empty() and len(batch) < 64:
            batch.append(waiting.get_nowait())
        rows = await asyncio.to_thread(compute, [text for text, _ in batch])
        for (_, future), row in zip(batch, rows):
            future.set_result(row)


@asynccontextmanager
async def lifespan(_: FastAPI):
    task = asyncio.create_task(batches())
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)

if options.batching:

    @app.post("/predict")
    async def predict(request: Request) -> dict:
        future = asyncio.get_running_loop().create_future()
        await waiting.put((request.text, future))
        return answer(await future)

else:

    @app.post("/predict")
    def predict(request: Request) -> dict:
        return answer(compute([request.text])[0])


uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", access_log=False)
