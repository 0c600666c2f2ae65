"""The soak: clients of every kind at once against one server, with trouble, and what is found at rests on the way.

At a rest nobody asks for anything and nothing is done to the server; what it has then must be what it had at the first: the same
processes, descriptors, mounts, control groups and files. Chance decides what each client asks for and what goes wrong, by a seed; not in
which order the kernel lets them.
"""
import collections
import http.client
import itertools
import json
import os
import pathlib
import random
import resource
import statistics
import threading
import time

import place
import trouble
import vt

FLAT = 0.05
LOOKS = 0.2  # seconds from one look at a server at rest to the next
# What malloc keeps differs: it takes and gives back 128 KiB at a time. Of few runs that is more than 5 % can say; a leak of some 250
# bytes a run is found in the thousand of the short form. With trouble there are crowds of large requests now and then, each of which may
# leave a megabyte more or less in a heap, once (seen: 7.7, 8.4, 9.0, 9.1, 9.2 MB at five rests; 8.6, 9.3, 8.7, 8.9, 8.7). Of few such runs
# only this can be said: that a leak makes each part of them grow, by more than is taken at a time if it is half a kilobyte a run.
FEW_RUNS, SLACK, TAKEN_AT_A_TIME = 10_000, 512 << 10, 128 << 10


class Counts:
    """What became of all requests; of those that are not as they must be, the first in full."""

    def __init__(self):
        self.lock = threading.Lock()
        self.became, self.kinds = collections.Counter(), collections.Counter()
        self.wrong, self.ids = [], set()

    def add(self, became, kind=None):
        with self.lock:
            self.became[became] += 1
            if kind:
                self.kinds[kind] += 1

    def bad(self, run, words, reply):
        with self.lock:
            self.became["wrong"] += 1
            if len(self.wrong) < 20:
                self.wrong.append(f"{run.kind}: {words}\n  asked: {str(run.body)[:600]}\n  got: {reply and (reply.status, reply.body[:1500])}")

    def new_id(self, name):
        with self.lock:
            known = name in self.ids
            self.ids.add(name)
            return not known


class OnlyOne(http.client.HTTPResponse):
    """A reply after which nothing comes by itself."""

    def _close_conn(self):
        sock = self.fp.raw._sock
        patience = sock.gettimeout()
        sock.settimeout(0)
        more = self.fp.peek(1)
        sock.settimeout(patience)
        super()._close_conn()
        vt.true(not more, f"something came after the reply: {more[:200]}")


def opened(pid):
    """What its descriptors are."""
    at = f"/proc/{pid}/fd"
    return {int(fd): os.readlink(f"{at}/{fd}") for fd in sorted(os.listdir(at), key=int)}


class Soak:
    def __init__(self, server, pick, seed, clients, every=None, rests=10):
        """pick(random, token): a mix.Run. every: seconds from trouble to trouble, None for none, and nobody who vanishes. rests: how
        many after the first."""
        self.server, self.pick, self.seed = server, pick, seed
        self.counts, self.rests, self.parts = Counts(), [], rests
        self.tokens = itertools.count(1)
        self.trouble = trouble.Trouble(server, seed, every, None) if every else None
        if self.trouble:
            self.trouble.crowd = lambda: self.crowd(trouble.CROWD)
        self.clients = [random.Random(f"{seed}/{n}") for n in range(clients)]
        self.crowds = random.Random(f"{seed}/crowd")
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))

    # --- One request -------------------------------------------------------------

    def token(self):
        return f"t{next(self.tokens)}.{os.getpid()}"

    def judge(self, run, reply, began):
        """Counts what became of a run; what is not as it must be, against what was done meanwhile."""
        ended = time.monotonic()
        if reply.status == run.refused:
            self.counts.add("invalid", run.kind)
            return
        if reply.status in (429, 503):
            self.judge_refusal(run, reply, began, ended)
            return
        if reply.status != 200 or run.refused:
            self.counts.bad(run, "the status", reply)
            return
        said = reply.json
        if not self.counts.new_id(said["id"]):
            self.counts.bad(run, "another had this id", reply)
        elif not (words := run.judge(said)):
            self.counts.add("as expected", run.kind)
        elif self.struck(said) and self.trouble and self.trouble.during(began, ended, {"init", "child"}):
            self.counts.add("killed by us, and says so", run.kind)
        else:
            self.counts.bad(run, words, reply)

    def struck(self, said):
        return said["signal"] == "SIGKILL" or any("SIGKILL" in note for note in said["notes"])

    def judge_refusal(self, run, reply, began, ended):
        problem, kind = reply.json, reply.json["type"].removeprefix("/problems/")
        allowed = {"busy", "too-many-runs"}
        if run.kind == "deadline":
            allowed.add("deadline")
        if self.trouble and self.trouble.during(began, ended, trouble.KILLS | {"descriptors"}):
            allowed.add("unavailable")
        if kind not in allowed or int(reply.headers.get("Retry-After", 0)) < 1 or not problem["detail"]:
            self.counts.bad(run, "this refusal", reply)
        else:
            self.counts.add(f"{reply.status} {kind}", run.kind)

    def ask(self, connection, run):
        """For how many seconds it is then wanted to wait."""
        began = time.monotonic()
        try:
            reply = self.server.post(run.body, connection=connection)
            self.judge(run, reply, began)
            return int(reply.headers.get("Retry-After", 0))
        except Exception as e:
            self.counts.bad(run, f"not answered in {time.monotonic() - began:.1f} s: {e!r}", None)
            connection.close()
            return 0

    # --- Those who ask -------------------------------------------------------------

    def connect(self, source=None):
        connection = self.server.connect(180, source)
        connection.response_class = OnlyOne
        return connection

    def client(self, number, r, todo):
        connection = self.connect(f"127.0.0.{2 + number}")
        for _ in todo:
            run = self.pick(r, self.token())
            if self.trouble and r.random() < 0.02:
                self.counts.add("vanished: " + trouble.vanish(self.server, r, run.body))
                continue
            if r.random() < 0.05:  # a new connection now and then
                connection.close()
            if wait := self.ask(connection, run):
                time.sleep(min(wait, 2))  # refused, and asked to
        connection.close()

    def crowd(self, n):
        """n clients of one address at once."""
        runs = [self.pick(self.crowds, self.token()) for _ in range(n)]
        threads = [threading.Thread(target=self.one, args=(run,)) for run in runs]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    def one(self, run):
        connection = self.connect()
        self.ask(connection, run)
        connection.close()

    def load(self, runs, seconds=None):
        """So many requests by all clients, or as many as there is time for; those of crowds come on top."""
        lock, left = threading.Lock(), iter(range(runs))
        end = seconds and time.monotonic() + seconds

        def todo():
            while True:
                with lock:
                    if next(left, None) is None or (end and time.monotonic() > end):
                        return
                yield
        threads = [threading.Thread(target=self.client, args=(n, r, todo())) for n, r in enumerate(self.clients)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    # --- What is there at rest ---------------------------------------------------------

    def look(self):
        server = self.server
        processes = place.at_rest(server)
        (runner,) = server.children()
        if self.rests:
            vt.true(vt.wait_until(lambda: vt.descriptors(server.pid) <= self.rests[0]["descriptors"], 30),
                    f"{self.rests[0]['descriptors']} descriptors at the first rest, and now {opened(server.pid)}")
        # What is being closed is still there for a moment, at the first rest above all: what two looks see alike is there.
        looks = [self.held(runner)]
        vt.true(vt.wait_until(lambda: looks.append(self.held(runner)) or looks[-1] == looks[-2], 30), f"what is held goes on changing: {looks[-2:]}")
        return {
            "runs": sum(self.counts.became.values()),
            "server": vt.resident(server.pid),
            "zygotes": {"lean": vt.resident(runner)} | {name: vt.resident(pid) for name, pid in sorted(vt.zygotes(server).items())},
            "processes": processes,
        } | looks[-1]

    def held(self, runner):
        server = self.server
        time.sleep(LOOKS)
        return {
            "descriptors": vt.descriptors(server.pid),
            "descriptors of zygotes": sorted(vt.descriptors(pid) for pid in (runner, *vt.zygotes(server).values())),
            "mounts": [len(pathlib.Path(f"/proc/{pid}/mountinfo").read_text().splitlines()) for pid in (server.pid, runner)],
            "control groups": server.cgroups(),
            "files": server.files(),
        }

    def all_of_it(self, runs, limit):
        """The load and its rests; how many seconds the load took, of those that it may."""
        if self.trouble:
            # What the most connections and the largest requests at a time leave in a heap once is no leak.
            self.trouble.idle()
            self.crowd(trouble.CROWD)
            self.trouble.start()
        self.rests.append(self.look())
        seconds = 0
        for n in range(self.parts):
            began = time.monotonic()
            if self.trouble:
                self.trouble.go.set()
            self.load(runs * (n + 1) // self.parts - runs * n // self.parts, limit and limit / self.parts)
            if self.trouble:
                self.trouble.pause()
            seconds += time.monotonic() - began
            self.rests.append(self.look())
            print(f"# {seconds:.0f} s: {self.rests[-1]}", *self.counts.wrong, sep="\n", flush=True)
        return seconds

    def run(self, runs, limit=None):
        """All of it, to the server's end; the figures, with what is not as it must be."""
        server, seconds, broke = self.server, 0, []
        names = "runs_total", "runs_retried_total", "runner_starts_total"
        self.probes = len(server.get("/readyz").json["probes"])
        before = [server.metric(n) for n in names]
        try:
            seconds = self.all_of_it(runs, limit)
        except AssertionError as e:
            broke = [str(e)]
        if self.trouble:
            self.trouble.end()
        taken, again, starts = (server.metric(n) - b for n, b in zip(names, before))
        requests = sum(self.counts.became.values())
        figures = {
            "seed": self.seed, "requests": requests, "seconds": round(seconds, 1),
            "requests a second": seconds and round(requests / seconds, 1), "accepted": taken, "made again": again,
            "runners started": starts, "became": dict(self.counts.became.most_common()),
            "kinds": dict(self.counts.kinds.most_common()), "trouble": self.trouble.count() if self.trouble else {},
            "rests": self.rests, "growth": None if broke else round(growth(self.rests), 4),
            "wrong": self.counts.wrong,
        }
        figures["faults"] = broke or self.faults(figures)
        status = server.stop()
        left = server.cgroups()
        figures["faults"] += [f"the server ended with status {status}"] * (status != 0) + [f"{left} control groups are left"] * (left > 0)
        return figures

    def faults(self, figures):
        """What is not as it must be, in words."""
        found = [f"a reply is wrong: {w}" for w in figures["wrong"]]
        became, strikes = figures["became"], figures["trouble"]
        if became.get("wrong", 0) > len(found):
            found.append(f"{became['wrong'] - len(found)} more are wrong")
        # One kill ends one pass at most.
        if became.get("killed by us, and says so", 0) > strikes.get("init", 0) + strikes.get("child", 0):
            found.append(f"{became['killed by us, and says so']} runs were killed, by {strikes} strikes")
        return found + self.miscounted(figures) + leaks(self.rests, bool(self.trouble), figures["runners started"] == 0)

    def miscounted(self, figures):
        """Taken in were all that were answered as such, those of clients that left, at most, and our own: the server made none twice,
        and none for nobody. Runs of a rest and probes are ours."""
        became = figures["became"]
        whole = sum(n for k, n in became.items() if k in ("as expected", "killed by us, and says so", "wrong"))
        late = sum(became.get(k, 0) for k in ("503 unavailable", "503 deadline", "503 busy"))
        vanished = sum(n for k, n in became.items() if k.startswith("vanished"))
        ours = len(self.rests) * len(self.rests[0]["zygotes"])
        probes = self.probes * (figures["runners started"] + 1)
        if not whole + ours <= figures["accepted"] <= whole + late + vanished + ours + probes:
            return [f"{figures['accepted']} runs were taken in: {whole} were answered, {late} told why not, {vanished} left, "
                    f"{ours} were asked for at rests, {probes} at most were probes"]
        return []


def growth(rests):
    """By how much of its size the server grew over the second half of the runs: the median of the slopes between any two of the rests
    there (Theil and Sen), which one rest that is off does not move."""
    half = rests[len(rests) // 2:]
    slopes = [(b["server"] - a["server"]) / (b["runs"] - a["runs"]) for a, b in itertools.combinations(half, 2)]
    return statistics.median(slopes) * (half[-1]["runs"] - half[0]["runs"]) / half[0]["server"]


def grew(rests, crowds):
    """Whether that is more than may be."""
    if rests[-1]["runs"] >= FEW_RUNS:
        return growth(rests) > FLAT
    if crowds:
        return min(b["server"] - a["server"] for a, b in itertools.pairwise(rests)) > TAKEN_AT_A_TIME
    return growth(rests) * rests[-1]["server"] > TAKEN_AT_A_TIME


def leaks(rests, crowds, same_runner):
    """What there is at the last rest and was not at the first; and what grew."""
    first, last = rests[0], rests[-1]
    found = [f"{name}: {last[name]} at the end, {first[name]} at the beginning" for name in first
             if name not in ("runs", "server", "zygotes", "control groups") and last[name] != first[name]]
    # One for each place of a cell and each controller, used by one cell after the other: what grows with the runs is more than these.
    most = 2 * 4 * (last["processes"] - len(last["zygotes"])) // 2
    if last["control groups"] > most:
        found.append(f"{last['control groups']} control groups, more than {most}")
    if vt.SANITIZED:  # it keeps what is freed for a while, and counts leaks itself: then its word is taken
        return found
    if grew(rests, crowds):
        found.append(f"the server grew by {100 * growth(rests):.1f} % over the second half: {[r['server'] for r in rests]}")
    # Those that were there all the time.
    found += [f"the zygote {name} grew from {first['zygotes'][name]} to {size}" for name, size in last["zygotes"].items()
              if same_runner and size > first["zygotes"][name] + SLACK]
    return found


def table(figures):
    """The figures for people."""
    lines = [f"seed {figures['seed']}: {figures['requests']} requests in {figures['seconds']} s, {figures['requests a second']} a second; "
             f"{figures['accepted']} runs taken in, the server's own among them; {figures['made again']} made again, "
             f"{figures['runners started']} runners started"]
    lines += [f"{n:>9}  {word}" for word, n in figures["became"].items()]
    lines += ["trouble: " + ", ".join(f"{n} {kind}" for kind, n in figures["trouble"].items())] * bool(figures["trouble"])
    names = list(figures["rests"][0]["zygotes"]) if figures["rests"] else []
    lines.append(f"{'runs':>9}  {'server KiB':>10}  " + "  ".join(f"{n + ' KiB':>11}" for n in names)
                 + "  processes  descriptors  mounts  groups  files")
    for r in figures["rests"]:
        lines.append(f"{r['runs']:>9}  {r['server'] >> 10:>10}  " + "  ".join(f"{r['zygotes'][n] >> 10:>11}" for n in names)
                     + f"  {r['processes']:>9}  {r['descriptors']:>11}  {sum(r['mounts']):>6}  {r['control groups']:>6}  {len(r['files']):>5}")
    if figures["growth"] is not None:
        lines.append(f"the server grew by {100 * figures['growth']:.2f} % over the second half")
    return "\n".join(lines)


def write(path, figures):
    pathlib.Path(path).write_text(json.dumps(figures, indent=1) + "\n")
