"""Imports generated inputs of several sizes, one kind after the other, and prints the time and the peak memory of each."""

import json
import os
import random
import shutil
import subprocess
import sys
import time

binary, folder = sys.argv[1], sys.argv[2]
sizes = [int(it) for it in sys.argv[3:]]
WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau".split()


def person(rng, number):
    return {
        "cio_id": f"c{number:012x}", "id": str(number), "email": f"p{number}@firm{number % 5000}.example",
        "plan": rng.choice(WORDS), "city": rng.choice(WORDS), "note": " ".join(rng.choices(WORDS, k=12)),
    }


def csv_lines(rng):
    yield "cio_id,id,email,plan,city,note\n"
    number = 0
    while True:
        number += 1
        yield ",".join(f'"{it}"' for it in person(rng, number).values()) + "\n"


def call_lines(rng):
    """Three calls a person, of which the first alone names the id together with the anonymous one."""
    number = 0
    while True:
        number += 1
        of = person(rng, number)
        traits = {name: of[name] for name in ("email", "plan", "city", "note")}
        who = {"anonymousId": f"a{number:012x}"}
        calls = [
            {"type": "identify", "userId": of["id"], **who, "traits": traits},
            {"type": "track", **who, "event": rng.choice(WORDS), "properties": {"note": of["note"]}},
            {"type": "track", "userId": of["id"], "event": rng.choice(WORDS), "properties": {"city": of["city"]}},
        ]
        for place, call in enumerate(calls):
            call["messageId"] = f"m{number:012x}{place}"
            call["timestamp"] = "2024-05-01T00:00:00Z"
            yield json.dumps(call) + "\n"


def write_lines(path, lines, size_bytes, packer=None):
    """Lines until the content is large enough."""
    written, batch, held = 0, [], 0
    with open(path, "wb") as file:
        pipe = subprocess.Popen(packer, stdin=subprocess.PIPE, stdout=file) if packer else None
        out = pipe.stdin if pipe else file
        for line in lines:
            batch.append(line)
            held += len(line)
            if held >= 1 << 20:
                out.write("".join(batch).encode())
                written, batch, held = written + held, [], 0
                if written >= size_bytes:
                    break
        if pipe:
            pipe.stdin.close()
            if pipe.wait() != 0:
                sys.exit(f"{packer} failed")
    return written


def write_parquet(path, rng, size_bytes):
    """People, and the log of changes of their attributes, as the warehouse sync writes them; `None` without pyarrow."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return None
    os.mkdir(path)
    text, moment = pa.string(), pa.timestamp("us", tz="UTC")
    people = pa.schema([("internal_customer_id", text), ("customer_id", text), ("email_addr", text),
                        ("deleted", pa.bool_()), ("suppressed", pa.bool_()), ("updated_at", moment)])
    changes = pa.schema([("internal_customer_id", text), ("attribute_name", text), ("attribute_value", text),
                         ("timestamp", moment)])
    written, number = 0, 0
    with pq.ParquetWriter(f"{path}/people_v4_1_1.parquet", people) as one, \
            pq.ParquetWriter(f"{path}/attributes_v4_1_1.parquet", changes) as two:
        while written < size_bytes:
            rows, log = [], []
            for _ in range(20_000):
                number += 1
                of = person(rng, number)
                rows.append({"internal_customer_id": of["cio_id"], "customer_id": of["id"], "email_addr": of["email"],
                             "deleted": False, "suppressed": False, "updated_at": 1_700_000_000_000_000})
                for name in ("plan", "city", "note"):
                    log.append({"internal_customer_id": of["cio_id"], "attribute_name": name,
                                "attribute_value": of[name], "timestamp": 1_700_000_000_000_000})
            written += sum(sum(len(str(it)) for it in row.values()) for row in rows + log)
            one.write_table(pa.Table.from_pylist(rows, schema=people))
            two.write_table(pa.Table.from_pylist(log, schema=changes))
    return written


def peak_mb(command):
    """Runs a command in a process of its own, whose only child it is."""
    code = ("import resource,subprocess,sys;done=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss//1024);sys.exit(done.returncode)")
    done = subprocess.run([sys.executable, "-c", code, *command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}: ended with {done.returncode}")
    return int(done.stdout)


def held(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(path, name)) for name in os.listdir(path))


KINDS = [
    ("people CSV", "people-csv", "people.csv", lambda path, rng, size: write_lines(path, csv_lines(rng), size)),
    ("NDJSON, gzip", "pipelines", "calls.ndjson.gz",
     lambda path, rng, size: write_lines(path, call_lines(rng), size, ["gzip", "-1"])),
    ("NDJSON, zstd", "pipelines", "calls.ndjson.zst",
     lambda path, rng, size: write_lines(path, call_lines(rng), size, ["zstd", "-1", "-q"])),
    ("warehouse Parquet", "warehouse", "warehouse", write_parquet),
]
print(f"{'kind':18} {'content MB':>10} {'on disk MB':>10} {'seconds':>8} {'peak MB':>8}", flush=True)
for name, kind, file, make in KINDS:
    for size in sizes:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        path = os.path.join(folder, file)
        content = make(path, random.Random(7), size << 20)
        if content is None:
            print(f"{name:18} left out: pyarrow is not there", flush=True)
            break
        packed = held(path)
        start = time.monotonic()
        peak = peak_mb([binary, "capture", "import", "--into", os.path.join(folder, "into"), f"{kind}={path}"])
        seconds = time.monotonic() - start
        print(f"{name:18} {content >> 20:10} {packed >> 20:10} {seconds:8.1f} {peak:8}", flush=True)
shutil.rmtree(folder, ignore_errors=True)
