"""A server in a place of its own: with a clock that can be set, and file systems for temporary files that can be filled.

The clock is clock.c, put before the C library of the server and, by a script in the runner's place, of the runner: a runner has no
environment of the server's. The file systems are small ones in a mount namespace of the server's own, so that what is left in them, and
what is mounted, is its doing and nobody else's. Those need root; `private` says whether they are there.
"""
import ctypes
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../http"))
import vt  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PLACES = ("/tmp", "/var/tmp", "/dev/shm")
LIBC = ctypes.CDLL(None, use_errno=True)
# linux/mount.h
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
CLONE_NEWNS = 0x20000


def call(name, *args):
    if getattr(LIBC, name)(*args):
        raise OSError(ctypes.get_errno(), f"{name}{args}")


def can_mount():
    """Whether this user may have a mount namespace."""
    return subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0


def move_in(keep):
    """Called in the server's process: PLACES are empty and small from now on, but for what is to be kept."""
    keep = [os.path.abspath(k) for k in keep]
    call("unshare", CLONE_NEWNS)
    call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    held = [(k, os.open(k, os.O_PATH)) for k in keep if k.startswith(tuple(p + "/" for p in PLACES))]
    for place in PLACES:
        call("mount", b"tmpfs", place.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, b"size=1m,mode=1777")
    for path, fd in held:
        os.makedirs(path)
        call("mount", f"/proc/self/fd/{fd}".encode(), path.encode(), None, MS_BIND, None)
        os.close(fd)


class Place(vt.Server):
    """nofile: the hard limit of its descriptors."""

    def __init__(self, *args, nofile=None):
        self.at = tempfile.TemporaryDirectory(dir="/var/tmp")
        os.chmod(self.at.name, 0o755)
        self.private = can_mount()
        # What an address sanitizer asks for is to be first itself.
        self.clock = None if vt.SANITIZED else pathlib.Path(self.at.name, "clock")
        env = self.make_clock() if self.clock else None
        more = ("--runners", self.at.name) if self.clock else ()

        def prepare():
            if nofile:
                resource.setrlimit(resource.RLIMIT_NOFILE, (nofile, nofile))
            if self.private:
                move_in([vt.BUILD, self.at.name])
        super().__init__(*more, *args, env=env, prepare=prepare)

    def make_clock(self):
        library = f"{self.at.name}/clock.so"
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o",
                        library, HERE / "clock.c"], check=True)
        self.set_clock(0)
        (runner,) = vt.BUILD.glob("runner-*")
        script = pathlib.Path(self.at.name, runner.name)
        script.write_text(f"#!/bin/sh\nexport LD_PRELOAD={library} VITRINE_TEST_CLOCK={self.clock}\n"
                          f"exec {runner.resolve()} \"$@\"\n")
        script.chmod(0o755)
        return os.environ | {"LD_PRELOAD": library, "VITRINE_TEST_CLOCK": str(self.clock)}

    def set_clock(self, seconds):
        """By how much CLOCK_REALTIME of the server, its runners and their runs is off from now on."""
        with open(self.clock, "r+b" if self.clock.exists() else "wb") as f:
            f.write(struct.pack("q", seconds))

    def root(self, path):
        return pathlib.Path(f"/proc/{self.pid}/root{path}")

    def files(self):
        """Names in its temporary directories; () when they are everybody's."""
        return sorted(str(p) for place in PLACES for p in self.root(place).iterdir()) if self.private else []

    def fill(self):
        """Leaves not a byte in its file systems; what empties them again."""
        fillers = []
        for place in PLACES:
            name = self.root(place) / "filler"
            with open(name, "wb", 0) as f:
                try:
                    while True:
                        f.write(bytes(4096))
                except OSError:
                    fillers.append(name)
        return lambda: [name.unlink() for name in fillers]

    def squeeze(self, spare):
        """Lets it have so many more descriptors than it has now; what takes that back."""
        usual = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (vt.descriptors(self.pid) + spare, usual[1]))
        return lambda: resource.prlimit(self.pid, resource.RLIMIT_NOFILE, usual)

    def cgroups(self):
        """How many control groups the server has, those for all of its cells included."""
        return sum(f"vitrine-{self.pid}" in at.split("/") for at, _, _ in os.walk("/sys/fs/cgroup"))

    def stop(self, seconds=100):
        try:
            return super().stop(seconds)
        finally:
            self.at.cleanup()


def at_rest(server, seconds=60 * vt.SLOWER):
    """Waits until nothing runs, no more processes come or go, and every zygote, having been asked, has all its cells ready.
    How many processes that are: the runner, its zygotes, and an init and a child for each cell."""
    vt.true(vt.wait_until(lambda: server.get("/readyz").status == 200, seconds), f"not ready: {server.get('/readyz').body[:2000]}")
    vt.true(vt.wait_until(lambda: server.metric("runs_running") + server.metric("runs_queued") == 0, seconds), "runs are left")
    zygotes = 1 + (3 if server.get("/v1/runtimes").json["runtimes"][0]["numpy"] else 2)
    vt.true(vt.wait_until(lambda: len(vt.zygotes(server)) == zygotes - 1, seconds), f"zygotes: {vt.zygotes(server)}")
    for module in ("sys", "dis", "json", "numpy")[:zygotes]:
        vt.same(server.run(f"import {module}\nprint(1)")["stdout"]["text"], "1\n")
    want = zygotes + 2 * zygotes * server.metric("slots")
    end, quiet = time.monotonic() + seconds, 0
    while quiet < 20 and time.monotonic() < end:
        quiet = quiet + 1 if len(vt.descendants(server.pid)) == want else 0
        time.sleep(0.01)
    vt.same(len(vt.descendants(server.pid)), want, "processes at rest")
    return want
