# expect: {"status": "ok", "stdout": {"text": "[(1, 'a')]\n"}}
import sqlite3
c = sqlite3.connect("x.db")
c.execute("pragma journal_mode=wal")
c.execute("create table t(n, s)")
c.execute("insert into t values(1, 'a')")
c.commit()
print(c.execute("select * from t").fetchall())
