"""What the machine can do at most: matrix products per second, and bytes per second.

usage: python roofline.py [--threads N]
Prints JSON: the best of several sizes and repetitions, with PyTorch (oneDNN, MKL).
"""

import argparse
import json
import os
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=os.cpu_count())
arguments = parser.parse_args()
torch.set_num_threads(arguments.threads)


def best(run, work, repeats=8):
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return work / min(times)


def matmul(dtype):
    peak = 0
    for n in (1024, 2048, 4096):
        a, b = torch.randn(n, n, dtype=dtype), torch.randn(n, n, dtype=dtype)
        peak = max(peak, best(lambda: a @ b, 2 * n**3))
    return peak


x, y = torch.randn(64 << 20), torch.empty(64 << 20)
print(json.dumps({
    "threads": arguments.threads,
    "bf16_flops": matmul(torch.bfloat16),
    "fp32_flops": matmul(torch.float32),
    "copy_bytes_per_second": best(lambda: y.copy_(x), 2 * x.numel() * 4),
    "read_bytes_per_second": best(x.sum, x.numel() * 4),
}, indent=1))
