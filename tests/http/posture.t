#!/usr/bin/python3
"""Proof that the jail holds: the probes that a server makes when it starts, and those that anybody asks for.

Which layer stops what follows from how the jail is built (docs/design.md): what is not in the root cannot be opened, what
the filter knows as dangerous is EPERM, and so on. In the posture of a container, tests/jail/container.t runs this as well.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

POSTURE = os.environ.get("VITRINE_POSTURE", "full")
STOPPED = {
    "full": {"run": [], "host-file": ["namespaces"], "write-outside": ["namespaces"],
             "exec": ["namespaces", "landlock", "seccomp"], "socket": ["seccomp"], "signal": ["namespaces"], "fork": ["rlimits"],
             "deadline": ["wall limit"], "privileges": []},
    "container": {"run": [], "host-file": ["landlock"], "write-outside": ["landlock"], "exec": ["landlock", "seccomp"],
                  "socket": ["seccomp"], "signal": ["landlock"], "fork": ["seccomp"], "deadline": ["wall limit"],
                  "privileges": []},
}[POSTURE]
# Layers whose loss the probes notice, and which of them do so. Others have a second fence behind them: their loss is noticed
# by tests/jail/sabotage.t.
NOTICED = {"seccomp": {"socket", "exec"}, "capabilities": {"privileges"}}
server = vt.Server()


def attack(name, **more):
    c = server.connect()
    try:
        return vt.request(c, "POST", f"/v1/posture/probes/{name}", **more)
    finally:
        c.close()


def at_start():
    listed = server.get("/v1/posture").json["probes"]
    same({p["name"]: p["stopped_by"] for p in listed}, STOPPED)
    same([p for p in listed if not p["passed"]], [])
    ready = server.get("/readyz")
    same((ready.status, [p["name"] for p in ready.json["probes"]]), (200, list(STOPPED)))


def told_code_is_what_runs():
    """What is shown as the source of a probe does the same when anybody sends it as a snippet."""
    for probe in server.get("/v1/posture").json["probes"]:
        if probe["name"] == "deadline":
            continue
        reply = server.run(probe["code"], limits={"processes": 8})
        same(", ".join(reply["stdout"]["text"].splitlines()), probe["got"], probe["name"])


def on_demand():
    for name, layers in STOPPED.items():
        before = server.metric("runs_total")
        reply = attack(name)
        same((reply.status, reply.json["name"], reply.json["passed"], reply.json["stopped_by"], reply.json["posture"]),
             (200, name, True, layers, POSTURE), reply.json)
        same(server.metric("runs_total"), before + 1, f"{name} was a run of its own")
        same(attack(name + "?runtime=3.11").json["runtime"], "3.11")
    # 250 ms is what the deadline's run was given.
    true(attack("deadline").json["wall_ns"] >= 250_000_000, "it ended before its time")


def refused():
    for query in ("runtime=9.9", "runtime=", "x=1", "runtime=3.11&runtime=3.11", "runtime=3%00"):
        same((attack("run?" + query).status), 422, query)
    for name in ("none", "run/", "", "%00", "r" * 200, "../runs"):
        reply = attack(name)
        same((reply.status, reply.json["type"]), (404, "/problems/not-found"), name)
    same((server.get("/v1/posture/probes/run").status, server.get("/v1/posture/probes/run").headers["Allow"]), (405, "POST"))
    reply = attack("run", headers={"Origin": "https://example.net"})
    same((reply.status, reply.json["type"]), (403, "/problems/foreign-origin"))


def page():
    reply = server.get("/posture")
    same((reply.status, reply.body), (200, (vt.BUILD / "web/posture.html").read_bytes()))
    same(server.get("/posture/").status, 404)


def without(layer):
    """The runner lacks a layer and does not know it; the server is whole."""
    done = subprocess.run([vt.BUILD / "vitrine", "serve", "--listen", "127.0.0.1:0", "--runners", vt.BUILD / f"sab-{layer}"],
                          capture_output=True, text=True, timeout=120)
    same((done.returncode, done.stdout), (1, ""))
    failed = {line.split("a probe failed: ")[1].split()[0] for line in done.stderr.splitlines() if "a probe failed: " in line}
    same(failed, NOTICED[layer], done.stderr)


cases = [
    ("those made at the start, and what stopped each", at_start),
    ("the source that is shown is what was run", told_code_is_what_runs),
    ("each when it is asked for", on_demand),
    ("what is refused", refused),
]
if POSTURE == "full":
    cases.append(("a page of its own", page))
if POSTURE == "full" and not os.environ.get("VITRINE_SAN") and str(vt.BUILD) == "build":
    plain = {name: v for name, v in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")}
    subprocess.run(["flock", "build", "make", "-j2", f"SABOTAGE={' '.join(NOTICED)}", "sabotage"], check=True, env=plain,
                   stdout=subprocess.DEVNULL)
    cases += [(f"a runner without {layer} is not served", lambda layer=layer: without(layer)) for layer in NOTICED]
try:
    vt.main(cases)
finally:
    server.stop()
