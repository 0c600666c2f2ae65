#!/usr/bin/python3
"""The soak's short form; `make soak` is the long one, on the same code. Every reply is judged, and what is left afterwards.

VITRINE_SOAK_SEED does again what a seed did, as far as chance is ours.
"""
import os
import random
import sys

sys.path.insert(0, os.path.dirname(__file__))
import mix  # noqa: E402
import place  # noqa: E402
import soak  # noqa: E402
import vt  # noqa: E402

SEED = int(os.environ.get("VITRINE_SOAK_SEED", random.randrange(1 << 32)))
RUNS, EACH, EVERY = (200, 30, 4) if vt.SANITIZED else (1200, 250, 1)
SECONDS = 60  # for the mixed ones, however many are left


def judged(server, made, runs, seconds, *more):
    with server:
        figures = soak.Soak(server, made.pick, SEED, *more).run(runs, seconds)
    print(*(f"# {line}" for line in soak.table(figures).splitlines()), sep="\n")
    vt.same(figures["faults"], [])
    return figures


def numpy_here(server):
    return bool(server.get("/v1/runtimes").json["runtimes"][0]["numpy"])


def mixed():
    server = place.Place()
    figures = judged(server, mix.Mix(vt.BUILD, numpy_here(server)), RUNS, SECONDS, 12, EVERY, 4)
    # That there was something to stand, and that it was stood.
    vt.true(figures["became"]["as expected"] > 100, figures["became"])
    vt.true(sum(figures["trouble"].values()) > 3, figures["trouble"])


def packages():
    server = place.Place()
    made = mix.Packages(numpy_here(server))
    figures = judged(server, made, EACH * len(made.zygotes), None, 4, None, 3)
    vt.same(figures["kinds"], {f"all of {z}": EACH for z in made.zygotes})


print(f"# seed {SEED}")
vt.main([("mixed runs, with trouble", mixed), ("all that each zygote has imported: no SIGSYS, nothing denied", packages)])
