"""What goes wrong meanwhile, by chance: processes that are killed, descriptors that run out, full disks, clocks that jump, crowds.

Each strike is kept with the time that it took, so that a reply which is not as it should be can be held against what was done.
"""
import json
import os
import random
import signal
import socket
import threading
import time

import vt

# What a strike may still do after its end: a runner that cannot be started is tried again after as long, for one.
GRACE = 10
DAY = 86400
# How often each comes.
WEIGHTS = {"runner": 1, "zygote": 2, "init": 4, "child": 8, "descriptors": 2, "idle": 1, "clock": 4, "disk": 2, "crowd": 2}
KILLS = {"runner", "zygote", "init", "child"}
CROWD = 100


def cells(server):
    """[(init, child)] of all cells of a server."""
    zygotes = set(vt.zygotes(server).values())
    found = []
    for parent in [*server.children(), *zygotes]:
        for init in vt.children(parent):
            if init not in zygotes and (child := vt.children(init)[:1]):
                found.append((init, child[0]))
    return found


class Trouble(threading.Thread):
    def __init__(self, server, seed, every, crowd):
        """A strike every so many seconds, by and by; crowd(n) sends n runs at once."""
        super().__init__(daemon=True)
        self.server, self.every, self.crowd = server, every, crowd
        self.random = random.Random(f"{seed}/trouble")
        self.lock, self.strikes, self.failure = threading.Lock(), [], None
        self.go, self.over = threading.Event(), threading.Event()
        self.idle_now = threading.Event()  # it does nothing, and will not until `go` is set
        self.kinds = [k for k in WEIGHTS if (k != "clock" or server.clock) and (k != "disk" or server.private)]

    def run(self):
        try:
            while not self.over.is_set():
                self.idle_now.set()
                self.go.wait()
                self.idle_now.clear()
                # Not for longer than it takes to be told to pause.
                if self.over.wait(min(self.random.expovariate(1 / self.every), 5 * self.every)) or not self.go.is_set():
                    continue
                (kind,) = self.random.choices(self.kinds, [WEIGHTS[k] for k in self.kinds])
                self.strike(kind)
        except Exception as e:  # told at the end: a soak without trouble is none
            self.failure = e
            self.idle_now.set()

    def strike(self, kind):
        entry = [kind, time.monotonic(), None]
        with self.lock:
            self.strikes.append(entry)
        try:
            if getattr(self, kind)() is False:
                entry[0] = "missed"
        except (ProcessLookupError, FileNotFoundError):
            entry[0] = "missed"  # it ended by itself before
        finally:
            entry[2] = time.monotonic()

    def pause(self):
        """From its return on nothing is done, until go.set()."""
        self.go.clear()
        vt.true(self.idle_now.wait(60) or self.failure, "a strike does not end")

    def end(self):
        self.over.set()
        self.go.set()
        self.join(60)
        if self.failure:
            raise self.failure

    def during(self, began, ended, kinds):
        """Whether something of these kinds was done between two moments, or shortly before."""
        with self.lock:
            return any(k in kinds and t0 <= ended and (t1 is None or began <= t1 + GRACE) for k, t0, t1 in self.strikes)

    def count(self):
        with self.lock:
            return {kind: sum(k == kind for k, _, _ in self.strikes) for kind in (*self.kinds, "missed")}

    # --- What is done: False when there was nothing to do it to -----------------

    def kill(self, pids):
        if not pids:
            return False
        os.kill(self.random.choice(pids), signal.SIGKILL)
        return True

    def runner(self):
        return self.kill(self.server.children())

    def zygote(self):
        return self.kill(list(vt.zygotes(self.server).values()))

    def init(self):
        return self.kill([init for init, _ in cells(self.server)])

    def child(self):
        return self.kill([child for _, child in cells(self.server)])

    def descriptors(self):
        """For some seconds it has next to none left."""
        undo = self.server.squeeze(self.random.randrange(12))
        self.over.wait(self.random.uniform(0.5, 3))
        undo()

    def idle(self):
        """As many connections as may be, which do nothing."""
        held = []
        try:
            for _ in range(2000):
                s = socket.socket()
                s.settimeout(0.2)
                held.append(s)
                s.connect((self.server.host, self.server.port))
        except OSError:
            pass  # not even the kernel takes more
        self.over.wait(self.random.uniform(0.5, 2))
        for s in held:
            s.close()

    def clock(self):
        self.server.set_clock(self.random.choice((-DAY, -3600, 0, 3600, DAY)))

    def disk(self):
        undo = self.server.fill()
        self.over.wait(self.random.uniform(0.5, 3))
        undo()

    def crowd(self):
        raise NotImplementedError  # the argument takes its place


def vanish(server, r, body):
    """A client that leaves: before its body, amid it, when it is sent, while it runs, or while the reply comes."""
    how = r.choice(("head", "half", "sent", "running", "reading"))
    data = json.dumps(body).encode()
    if how == "reading":
        data = json.dumps({"code": "print('x' * 900_000)"}).encode()
    s = socket.create_connection((server.host, server.port), 60)
    try:
        if how == "reading":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(data))
        if how != "head":
            s.sendall(data[:len(data) // 2] if how == "half" else data)
        if how == "running":
            time.sleep(r.uniform(0, 0.1))  # anywhere in it
        if how == "reading":
            s.recv(100)
        if r.random() < 0.5:  # a reset, where others take their leave
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    except OSError:
        pass  # it was refused, and is gone all the same
    finally:
        s.close()
    return how
