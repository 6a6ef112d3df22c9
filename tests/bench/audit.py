"""Runs the audit and apply in turns on the same records and prints the medians, their ratio and the audit's memory."""

import resource
import statistics
import subprocess
import sys
import time

binary, data, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
apply = [
    [binary, "apply", "tests/bench/rules/people.rules", "--entity", "person", "--input", f"{data}/people.ndjson"],
    [binary, "apply", "tests/bench/rules/events.rules", "--entity", "event", "--input", f"{data}/events.ndjson"],
]
audit = [[binary, "audit", f"{data}/capture", "--format", "json"]]


def seconds(commands):
    start = time.monotonic()
    for command in commands:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        # A folder without the other files is told of, and is no failure.
        if done.returncode not in (0, 1):
            sys.exit(f"{command}: {done.stderr.decode()}")
    return time.monotonic() - start


def cpu_s(commands):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = seconds(commands)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


walls, cpus = {"apply": [], "audit": []}, {"apply": [], "audit": []}
for _ in range(rounds):
    for name, commands in (("apply", apply), ("audit", audit)):
        wall, cpu = cpu_s(commands)
        walls[name].append(wall)
        cpus[name].append(cpu)
print(f"{'':6}  median s   CPU s")
for name in walls:
    print(f"{name:6}  {statistics.median(walls[name]):8.2f}  {statistics.median(cpus[name]):6.2f}")
ratio = statistics.median(walls["audit"]) / statistics.median(walls["apply"])
cpu_ratio = statistics.median(cpus["audit"]) / statistics.median(cpus["apply"])
print(f"audit / apply: {ratio:.2f} by the clock, {cpu_ratio:.2f} by CPU time (2.00 is allowed)")
peak = subprocess.run(
    ["/usr/bin/env", "python3", "-c",
     "import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL);"
     "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)", *audit[0]],
    capture_output=True, text=True, check=True)
print(f"audit's memory at most: {peak.stdout.strip()} MB")
