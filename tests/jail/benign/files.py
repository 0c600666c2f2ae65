# expect: {"status": "ok", "stdout": {"text": "0.3333 ok ok ok True\n"}}
import decimal, tempfile, shutil, os, mmap
decimal.getcontext().prec = 4
out = [str(decimal.Decimal(1) / 3)]
with tempfile.NamedTemporaryFile("w+") as t:
    t.write("ok"); t.seek(0); out.append(t.read())
open("a", "w").write("ok")
shutil.copy2("a", "b"); out.append(open("b").read())
os.makedirs("d/e"); os.rename("b", "d/e/b"); shutil.copytree("d", "f")
out.append(open("f/e/b").read())
m = mmap.mmap(-1, 4096); m[:1] = b"x"
out.append(str(m[:1] == b"x"))
print(*out)
