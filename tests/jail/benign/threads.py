# expect: {"status": "ok", "stdout": {"text": "60\n"}}
# Sixty threads at once fit the default limits (64 processes, 256 MiB).
import threading
barrier, done = threading.Barrier(61), []
def work():
    barrier.wait()
    done.append(1)
threads = [threading.Thread(target=work) for _ in range(60)]
for t in threads: t.start()
barrier.wait()
for t in threads: t.join()
print(len(done))
