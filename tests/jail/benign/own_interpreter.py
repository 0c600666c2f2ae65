# expect: {"status": "ok", "stdout": {"text": "hello\n"}}
# sys.executable is the one program that may be executed.
import subprocess, sys
print(subprocess.run([sys.executable, "-c", "print('hello')"], capture_output=True, text=True).stdout, end="")
