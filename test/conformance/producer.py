"""A whole producer of run format 2 in Python's standard library: python3 producer.py FOLDER"""
import json, math, struct, sys, time, zlib
from pathlib import Path

folder = Path(sys.argv[1])
folder.mkdir(parents=True)
LAYERS = {"features.bn1": 8, "features.bn2": 16, "head.bn": 4}  # and their channels
STEPS = 200
QUANTILES = ["min", "q1", "median", "q3", "max"]
NORM_COLUMNS = [f"{name}.{q}" for name in ("batch_mean", "running_mean") for q in QUANTILES] + ["mean_shift"]

def sealed(block):
    return block + struct.pack("<I", zlib.crc32(block))

def declaration(table, name, columns, layers=(), values=1, kind="float32"):
    fields = {"name": name, "columns": columns, "layers": list(layers), "values": values, "type": kind}
    text = json.dumps(fields).encode()
    return sealed(b"\x89NLD" + struct.pack("<II", table, len(text)) + text)

def frame(table, step, numbers, letter="f"):
    return sealed(b"\x89NLF" + struct.pack("<Id", table, step) + struct.pack(f"<{len(numbers)}{letter}", *numbers))

def append(name, data):
    with open(folder / name, "ab") as file:
        file.write(data)

def event(**fields):
    append("run.jsonl", json.dumps(fields).encode() + b"\n")

def heartbeat(beat, step):
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    (folder / "heartbeat.partial").write_text(json.dumps({"beat": beat, "everySeconds": 5, "step": step, "at": at}))
    (folder / "heartbeat.partial").replace(folder / "heartbeat.json")

norms = {name: {"channels": count, "updateWeight": 0.1} for name, count in LAYERS.items()}
layers = [{"id": name, "kind": "BatchNorm2d", "norm": norm} for name, norm in norms.items()]
settings = {"optimizer": "LAMB"}
event(type="run", schema=2, producer="producer.py", name="made up", plannedSteps=STEPS, settings=settings, layers=layers)
append("numbers.bin", b"NLNUM2\r\n" + declaration(0, "steps", ["loss", "learning_rate"], kind="float64"))
append("numbers.bin", declaration(1, "norms", NORM_COLUMNS, LAYERS))
for step in range(1, STEPS + 1):
    append("numbers.bin", frame(0, step, [2.5 * math.exp(-step / 50), 0.1], "d"))
    if step % 10 == 0:
        heartbeat(step // 10, step)
        ends = [(place + 1) / 8 + step / 256 for place in range(len(LAYERS))]
        numbers = [value for end in ends for value in [-end, -end / 2, 0, end / 2, end] * 2 + [end / 4]]
        append("numbers.bin", frame(1, step, numbers))
event(type="eval", step=STEPS, samples=1000, running={"accuracy": 0.75, "loss": None})
event(type="end", step=STEPS, status="completed")
