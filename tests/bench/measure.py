"""Agreement, time and memory of mapwright against the hand-written reference; called by run.sh.
usage: measure.py MAPWRIGHT REFERENCE DATA [--rounds 5]
DATA holds the folders `sample`, `small` and `large` (ten times `small`), each with people.ndjson and events.ndjson.
A round runs the reference and mapwright one after the other, so both shared the machine's weather; a ratio is taken
inside a round and the median of the rounds is printed. Wall for P and E, user CPU for J; one and two cores, pinned."""
import argparse
import os
import statistics
import subprocess
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("mapwright")
parser.add_argument("reference")
parser.add_argument("data")
parser.add_argument("--rounds", type=int, default=5)
A = parser.parse_args()
HERE = os.path.dirname(os.path.abspath(__file__))
RULES = {"P": "people.rules", "E": "events.rules", "J": "joined.rules"}


def rules(task):
    return os.path.join(HERE, "rules", RULES[task])


def inputs(task, size):
    people, events = (os.path.join(A.data, size, f"{name}.ndjson") for name in ("people", "events"))
    return {"P": [people], "E": [events], "J": [people, events]}[task]


def reference(task, size, threads):
    free_mail = os.path.join(HERE, "rules", "freemail.txt")
    return [A.reference, task, "sonic-typed", str(threads), free_mail, *inputs(task, size)]


def mapwright(task, size, threads):
    files = inputs(task, size)
    if task == "J":
        what = ["--join", "--people", files[0], "--events", files[1], "--batch", "100"]
    else:
        what = ["--entity", {"P": "person", "E": "event"}[task], "--input", files[0]]
    return [A.mapwright, "apply", rules(task), *what, "--threads", str(threads)]


def check(size):
    return [A.mapwright, "check", rules("J"), "--from", os.path.join(A.data, size), "--threads", "1"]


def run(command, cores, out=subprocess.DEVNULL, wanted=(0,)):
    """Wall and user seconds and the peak of memory in MB."""
    pinned = lambda: os.sched_setaffinity(0, cores)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, preexec_fn=pinned)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in wanted:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return wall, usage.ru_utime, usage.ru_maxrss / 1024


def peak_of(command):
    """The peak of memory in MB. What `wait4` tells begins with the memory of this script, so the process is asked itself."""
    pinned = lambda: os.sched_setaffinity(0, ALL[:1])
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=pinned)
    peak = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                found = [line.split()[1] for line in status if line.startswith("VmHWM")]
            with open(f"/proc/{process.pid}/cmdline") as now:
                is_started = now.read().startswith(command[0])
        except OSError:
            break
        if found and is_started:
            peak = max(peak, int(found[0]) / 1024)
        time.sleep(0.005)
    # Some events name nobody: held, which ends with 3.
    if process.wait() not in (0, 3):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return peak


def agree():
    for task in RULES:
        paths = []
        for name, command in (("reference", reference), ("mapwright", mapwright)):
            paths.append(os.path.join(A.data, f"{task}.{name}"))
            with open(paths[-1], "wb") as out:
                run(command(task, "sample", 1), ALL[:1], out)
        compared = subprocess.run([sys.executable, os.path.join(HERE, "compare.py"), *paths], text=True, stdout=subprocess.PIPE)
        print(f"{task}: {compared.stdout.strip()}", flush=True)
        if compared.returncode or (task != "J" and "order kept" not in compared.stdout):
            sys.exit("the outputs do not agree")


def measure():
    print(f"\n{'task':<5}{'cores':>6}{'by':>6}{'reference s':>13}{'mapwright s':>13}{'ratio':>7}{'peak MB, ours':>15}{'reference':>11}")
    ours = {}
    for task in RULES:
        by = 1 if task == "J" else 0
        for cores in (1, 2):
            if len(ALL) < cores:
                continue
            rounds = []
            for _ in range(A.rounds):
                pair = [run(command(task, "large", cores), ALL[:cores]) for command in (reference, mapwright)]
                rounds.append(pair)
            median = lambda who, what: statistics.median(pair[who][what] for pair in rounds)
            ratio = statistics.median(pair[1][by] / pair[0][by] for pair in rounds)
            ours[task, cores] = median(1, 0)
            print(f"{task:<5}{cores:>6}{('wall', 'user')[by]:>6}{median(0, by):>13.3f}{median(1, by):>13.3f}{ratio:>7.2f}"
                  f"{median(1, 2):>15.0f}{median(0, 2):>11.0f}", flush=True)
    for task in RULES:
        if (task, 2) in ours:
            print(f"{task}: two cores against one, wall {ours[task, 2] / ours[task, 1]:.2f}")


def check_against_apply():
    """`check` compiles, proves, walks every record and counts; `apply` decides and writes the same people and events."""
    files = inputs("J", "large")
    person, event = ([A.mapwright, "apply", rules("J"), "--entity", entity, "--input", path, "--threads", "1"]
                     for entity, path in zip(("person", "event"), files))
    print(f"\n{'check, one core':<18}{'check s':>9}{'apply s':>9}{'ratio':>7}{'join s':>9}{'ratio':>7}")
    for name, by in (("wall", 0), ("user", 1)):
        rounds = []
        for _ in range(A.rounds):
            # Some events name nobody: held, which ends with 3.
            seconds = [run(command, ALL[:1], wanted=(0, 3))[by]
                       for command in (check("large"), person, event, mapwright("J", "large", 1))]
            rounds.append((seconds[0], seconds[1] + seconds[2], seconds[3]))
        checked, applied, joined = (statistics.median(column) for column in zip(*rounds))
        ratio = lambda column: statistics.median(line[0] / line[column] for line in rounds)
        print(f"{name:<18}{checked:>9.3f}{applied:>9.3f}{ratio(1):>7.2f}{joined:>9.3f}{ratio(2):>7.2f}", flush=True)


def first_record():
    """From the start of the process to the first byte of its output, on the sample."""
    def seconds(command):
        pinned = lambda: os.sched_setaffinity(0, ALL[:1])
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=pinned) as process:
            process.stdout.read(1)
            took = time.perf_counter() - start
            process.stdout.read()
        return took
    print(f"\n{'first record, ms':<18}{'reference':>11}{'mapwright':>11}{'ratio':>7}")
    for task in ("P", "E"):
        pairs = [(seconds(reference(task, "sample", 1)), seconds(mapwright(task, "sample", 1))) for _ in range(A.rounds)]
        theirs, ours = (statistics.median(column) * 1000 for column in zip(*pairs))
        ratio = statistics.median(ours / theirs for theirs, ours in pairs)
        print(f"{task:<18}{theirs:>11.1f}{ours:>11.1f}{ratio:>7.1f}", flush=True)


def memory():
    print(f"\n{'peak memory, MB':<18}{'N':>8}{'10 N':>8}")
    commands = {f"apply {task}": (lambda size, task=task: mapwright(task, size, 1)) for task in RULES}
    commands["check"] = check
    for name, command in commands.items():
        peaks = [peak_of(command(size)) for size in ("small", "large")]
        print(f"{name:<18}{peaks[0]:>8.0f}{peaks[1]:>8.0f}", flush=True)


ALL = sorted(os.sched_getaffinity(0))
agree()
measure()
check_against_apply()
first_record()
memory()
