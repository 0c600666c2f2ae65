# expect: {"status": "ok", "stdout": {"text": "50\n"}}
# A process that computes for a fifth of a millisecond sees its own CPU clock move, each time.
import time

moved = 0
for _ in range(50):
    cpu, end = time.process_time_ns(), time.perf_counter_ns() + 200_000
    while time.perf_counter_ns() < end:
        pass
    moved += time.process_time_ns() > cpu
print(moved)
