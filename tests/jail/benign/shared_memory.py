# expect: {"status": "ok", "stdout": {"text": "b'hello'\n"}}
from multiprocessing import shared_memory
s = shared_memory.SharedMemory(create=True, size=64)
s.buf[:5] = b"hello"
other = shared_memory.SharedMemory(name=s.name)
print(bytes(other.buf[:5]))
other.close(); s.close(); s.unlink()
