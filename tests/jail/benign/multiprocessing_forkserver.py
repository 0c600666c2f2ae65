# expect: {"status": "ok", "stdout": {"text": "[1, 4, 9]\n42\n"}}
# expect in a container: {"status": "error", "exception": {"type": "PermissionError"}, "denied": [{"syscall": "socket", "count": 1, "errno": "EPERM"}]}
# In a container no socket can be had: one could reach others by their path, which nothing else would keep it from.
import multiprocessing as mp
def square(x): return x * x
def put(q): q.put(42)
if __name__ == "__main__":
    c = mp.get_context("forkserver")
    with c.Pool(2) as pool:
        print(pool.map(square, [1, 2, 3]))
    q = c.Queue()
    p = c.Process(target=put, args=(q,))
    p.start()
    print(q.get())
    p.join()
