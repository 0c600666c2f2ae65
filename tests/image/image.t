#!/usr/bin/python3
"""The container image: built by the Dockerfile on a base of our own making, started without any privilege, used.

Needs root, podman with runc, and mmdebstrap: `make test-image` installs them. In a plain `make test` it is skipped, for
it takes minutes.
"""
import errno
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "jail"))
import snippet  # noqa: E402

BASE, IMAGE, NAME = "localhost/vitrine-base", "localhost/vitrine-test", f"vitrine-test-{os.getpid()}"
BASE_AGE_S = 24 * 3600
# What podman needs depends on the machine: the first of these with which a container of the base runs is taken.
WAYS = [["--runtime", "runc"], ["--runtime", "runc", "--cgroup-manager", "cgroupfs"],
        ["--runtime", "runc", "--cgroup-manager", "cgroupfs", "--storage-driver", "vfs"], []]
RUN_WAYS = [[], ["--cgroups=disabled"]]
ULIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]
# Podman has systemd time the health checks; here the check is called by the test.
START = [*ULIMITS, "--no-healthcheck"]

podman, run_more, port = [], [], 0


def call(*argv, **more):
    return subprocess.run(argv, capture_output=True, text=True, errors="replace", **more)


def need(done):
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, done.args))} exited with {done.returncode}:\n"
                             f"{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def base_image():
    """A base image that is new enough, and the way to start podman."""
    made = call("podman", "image", "inspect", "--format", "{{.Created.Unix}}", BASE)
    if made.returncode or time.time() - int(made.stdout) > BASE_AGE_S:
        with tempfile.TemporaryDirectory() as at:
            need(call("scripts/debian-root", f"{at}/base.tar"))
            need(call("podman", "import", "--quiet", f"{at}/base.tar", BASE))
    said = []
    for way in WAYS:
        for more in RUN_WAYS:
            done = call("podman", *way, "run", "--rm", "--network", "host", *ULIMITS, *more, BASE, "true")
            if done.returncode == 0:
                podman[:], run_more[:] = ["podman", *way], more
                return
            said.append(done.stderr)
    raise AssertionError("no container can be started here:\n" + "\n".join(said))


def build(tag=IMAGE, *more):
    argv = [*podman, "build", "--network", "host", "--format", "docker", *ULIMITS, "--build-arg", f"BASE={BASE}"]
    # Certificate authorities that this machine's network has of its own, for npm.
    if ca := os.environ.get("NODE_EXTRA_CA_CERTS"):
        argv += ["--volume", f"{ca}:/run/ca.crt:ro", "--build-arg", "NODE_EXTRA_CA_CERTS=/run/ca.crt"]
    need(call(*argv, *more, "--tag", tag, "."))


MORE, FURTHER = f"{IMAGE}-more", "3.14"


def build_more():
    """With a further runtime: fetched, unpacked and compiled for while the image is built."""
    build(MORE, "--build-arg", f"RUNTIMES={FURTHER}")


def further():
    """Both serve in a container that is read-only and has no capability, each under all that it has there."""
    start("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", image=MORE)
    listed = json.loads(request("GET", "/v1/runtimes")[1])
    assert [one["id"] for one in listed["runtimes"]] == ["3.11", FURTHER] and not listed["broken"], listed
    # PEP 649: 3.14 does not evaluate annotations where they are written.
    status, text = request("POST", "/v1/comparisons", json.dumps({
        "code": "import sys, numpy\nprint(sys.version_info[:2], int(numpy.arange(4).sum()))\ndef f(a: print('evaluated')): pass",
        "runtimes": ["3.11", FURTHER]}))
    assert status == 200, text
    printed = {one["runtime"]: one["run"]["stdout"]["text"] for one in json.loads(text)["results"]}
    assert printed == {"3.11": "(3, 11) 6\nevaluated\n", FURTHER: "(3, 14) 6\n"}, printed


def contents():
    """No compiler, no package of ours but the programs, not root, the labels."""
    found = need(call(*podman, "run", "--rm", *START, *run_more, "--network", "none", "--entrypoint", "/bin/sh", IMAGE, "-c",
                      "id -u; command -v gcc cc node npm make git; ls /opt/vitrine"))
    assert found.split() == ["10001", "healthcheck", "runner-3.11", "vitrine", "web"], found
    image = json.loads(need(call(*podman, "image", "inspect", IMAGE)))[0]
    config = image["Config"]
    assert config["StopSignal"] in ("SIGTERM", "15"), config
    # Podman shows it beside the configuration, Docker in it.
    health = image.get("Healthcheck") or config.get("Healthcheck")
    assert health and health["Test"] == ["CMD", "/opt/vitrine/healthcheck"], image
    assert config["Labels"]["org.opencontainers.image.title"] == "Vitrine", config


def refuses_without_key():
    done = call(*podman, "run", "--rm", *START, *run_more, "--network", "none", IMAGE, "serve", "--listen", "0.0.0.0:8080", timeout=60)
    assert done.returncode != 0 and "--anonymous" in done.stderr, f"exit {done.returncode}: {done.stdout}{done.stderr}"


def request(method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def serves():
    """A container that is read-only and has no capability becomes ready."""
    start("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges")


def start(*options, image=IMAGE):
    """A container with these options, and those that this machine needs, becomes ready."""
    global port
    call("podman", "rm", "--force", "--time", "0", NAME)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    need(call(*podman, "run", "--detach", "--name", NAME, "--network", "host", *START, *run_more, *options,
              "--env", f"VITRINE_LISTEN=127.0.0.1:{port}", "--env", "VITRINE_CANARY=canary-in-the-environment", image))
    end, last = time.monotonic() + 30, None
    while time.monotonic() < end:
        try:
            last = request("GET", "/readyz")
            if last[0] == 200:
                return
        except OSError as e:
            last = e
        time.sleep(0.1)
    raise AssertionError(f"/readyz: {last}\n{call(*podman, 'logs', NAME).stderr}")


PROFILE = pathlib.Path("/usr/share/containers/seccomp.json")
profiles = []  # the last one is that of the container
# Where the container's root is read-only, it is asked before Landlock; not so when a file is opened.
READ_ONLY = {"root_changed": ("[30, 30, 13, 30, 30]", "[1, 13, 13, 13, 13]")}


def as_outside(name, text, posture):
    """What a snippet printed, as it would have where nothing but Vitrine confines it."""
    state = json.loads(need(call(*podman, "inspect", NAME)))[0]
    if name == "syscalls":
        return "".join(line for line in text.splitlines(keepends=True) if not by_engine(line))
    if name == "privileges" and posture == "container":
        # The bounding set is the container's, for nobody may drop anything from it.
        status = need(call(*podman, "exec", NAME, "cat", "/proc/1/status"))
        bound = int(next(line for line in status.splitlines() if line.startswith("CapBnd")).split()[1], 16).bit_count()
        return text.replace(f"bound {bound}\n", "bound 40\n")
    if name in READ_ONLY and posture == "container" and state["HostConfig"]["ReadonlyRootfs"]:
        return text.replace(*READ_ONLY[name])
    return text


def by_engine(line):
    """Does syscalls.py say there that a call was refused as the engine's own filter refuses it? That one is asked first."""
    profile = profiles[-1]
    allowed = {name for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    name, got, error = line.split()
    return name not in allowed and (got, int(error)) == ("-1", profile["defaultErrnoRet"])


def snippets():
    """The benign and hostile snippets of tests/jail, asked for over HTTP, end as their first lines say."""
    posture = json.loads(request("GET", "/v1/posture")[1])["runtimes"][0]
    lacking = {"control groups"} - {"control groups" for layer in posture["layers"] if layer["name"] == "cgroups" and layer["holds"]}
    lacking |= set() if snippet.foreign_abi() else {"i386"}
    snippet.hold_all()
    tried, wrong = 0, []
    for path in sorted([*snippet.HERE.glob("benign/*.py"), *snippet.HERE.glob("hostile/*.py")]):
        if snippet.header(path, "needs") in lacking:
            continue
        status, text = request("POST", "/v1/runs", json.dumps({"code": path.read_text(), "limits": snippet.limits(path)}))
        reply = json.loads(text)
        if path.stem in ("syscalls", "privileges", *READ_ONLY) and status == 200:
            reply["stdout"]["text"] = as_outside(path.stem, reply["stdout"]["text"], posture["posture"])
        words = f"{status} {text[:300]}" if status != 200 else snippet.judge(path, reply, posture["posture"], posture["workdir"])
        tried += 1
        wrong += [f"{path.stem}: {words}"] if words else []
    assert not wrong and tried > 50, f"{tried} tried\n" + "\n".join(wrong)
    # They had no effect on what comes after them.
    status, text = request("POST", "/v1/runs", json.dumps({"code": "import os\nprint(os.listdir())"}))
    assert status == 200 and json.loads(text)["stdout"]["text"] == "['main.py']\n", text


def runs():
    code = "import numpy, os\nprint(int(numpy.arange(4).sum()), os.listdir('/box'))"
    status, text = request("POST", "/v1/runs", json.dumps({"code": code, "lenses": ["bytecode", "gc"]}))
    reply = json.loads(text)
    assert status == 200 and reply["status"] == "ok", text
    assert reply["stdout"]["text"] == "6 ['main.py']\n", text
    assert reply["posture"] == "full" and reply["confinement"] == ["namespaces", "landlock", "seccomp", "rlimits"], text
    assert reply["lenses"]["bytecode"]["code_objects"][0]["name"] == "<module>", text


# What Docker's default profile refuses to a container without CAP_SYS_ADMIN, among what podman's allows.
NOT_IN_DOCKER = {"clone3", "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount", "open_tree",
                 "pivot_root", "setns", "sethostname", "setdomainname", "umount", "umount2", "unshare"}
CLONE_NEW = 0x7E020000


def docker_profile():
    """Podman's profile without these; clone without new namespaces only."""
    profile = json.loads(PROFILE.read_text()) | {"defaultErrnoRet": errno.EPERM, "defaultErrno": "EPERM"}
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in NOT_IN_DOCKER | {"clone"}]
    profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]] + [
        {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": CLONE_NEW, "op": "SCMP_CMP_MASKED_EQ"}]},
        {"names": sorted(NOT_IN_DOCKER - {"clone3"}), "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]
    return profile


def start_as_docker(*options):
    """Where namespaces are refused."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        json.dump(docker_profile(), f)
        f.flush()
        start("--security-opt", f"seccomp={f.name}", *options)
        profiles.append(docker_profile())


def plain():
    """No option at all. Whether namespaces are refused is the engine's choice."""
    start()
    profiles.append(json.loads(PROFILE.read_text()))
    status, text = request("GET", "/v1/posture")
    reply = json.loads(text)
    assert status == 200 and reply["probes"] and all(p["passed"] for p in reply["probes"]), text


def plain_docker():
    """Docker's choice: runs are in a directory of /dev/shm, which every container has, and it is said."""
    start_as_docker()
    status, text = request("GET", "/v1/posture")
    reply = json.loads(text)
    assert status == 200 and reply["probes"] and all(p["passed"] for p in reply["probes"]), text
    (runtime,) = reply["runtimes"]
    assert (runtime["posture"], runtime["workdir"]) == ("container", "/dev/shm/vitrine"), text
    room = int(need(call(*podman, "exec", NAME, "df", "--output=size", "-B1", "/dev/shm")).split()[-1])
    assert room - 65536 <= runtime["disk_bytes"] <= room, (room, text)
    status, text = request("POST", "/v1/runs", json.dumps({
        "code": "import os, multiprocessing\nprint(__file__, os.getcwd(), multiprocessing.Lock() is not None)\nx",
        "limits": {"disk_bytes": 256 << 20}}))
    reply = json.loads(text)
    assert status == 200 and reply["workdir"] == "/dev/shm/vitrine", text
    assert reply["stdout"]["text"] == "/dev/shm/vitrine/main.py /dev/shm/vitrine True\n", text
    assert reply["exception"]["traceback"][0]["file"] == "/dev/shm/vitrine/main.py", text
    assert any(f"room for {runtime['disk_bytes']} bytes" in note for note in reply["notes"]), text
    said = call(*podman, "exec", NAME, "/opt/vitrine/vitrine", "doctor", "--color", "never")
    assert said.returncode == 0 and "--tmpfs /box" in " ".join(said.stdout.split()), said


def restricted():
    """As a restricted pod is: nothing is written but to a tmpfs at /box, no capability, no gain of privileges. Kubernetes mounts
    that one without noexec, which is told."""
    start_as_docker("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--tmpfs", "/box:rw,exec,size=64m,mode=1777")
    status, text = request("POST", "/v1/runs", json.dumps({
        "code": "import os, multiprocessing\nprint(os.listdir('/box'), multiprocessing.Lock() is not None)", "lenses": ["gc"]}))
    reply = json.loads(text)
    assert status == 200 and reply["stdout"]["text"] == "['main.py'] True\n", text
    assert ", not noexec" in request("GET", "/v1/posture")[1]
    assert (reply["posture"], reply["workdir"], reply["confinement"]) == ("container", "/box", ["landlock", "seccomp", "rlimits"]), text


def page():
    status, text = request("GET", "/")
    assert status == 200 and "<title>" in text, (status, text[:500])


def health():
    need(call(*podman, "exec", NAME, "/opt/vitrine/healthcheck"))


def stops():
    began = time.monotonic()
    need(call(*podman, "stop", "--time", "20", NAME))
    state = json.loads(need(call(*podman, "inspect", NAME)))[0]["State"]
    assert state["ExitCode"] == 0 and time.monotonic() - began < 10, (state, time.monotonic() - began)


CHECKS = [("a base image", base_image), ("the image is built", build), ("what is in it", contents),
          ("no open door without a key", refuses_without_key), ("it serves, read-only and without capabilities", serves),
          ("it runs snippets under every layer", runs), ("it has the page", page), ("its health check", health),
          ("SIGTERM ends it", stops),
          ("without any option", plain), ("the snippets there", snippets),
          ("without any option, where namespaces are refused", plain_docker), ("the snippets there, too", snippets),
          ("as a restricted pod", restricted), ("the snippets in it", snippets),
          ("an image with a further runtime is built", build_more), ("both serve there", further)]


def main():
    os.chdir(pathlib.Path(__file__).parents[2])
    if not os.environ.get("VITRINE_HEAVY"):
        print("1..0 # SKIP takes minutes: make test-image")
        return 0
    print("TAP version 13", f"1..{len(CHECKS)}", sep="\n")
    bad, fatal = False, None
    for n, (name, check) in enumerate(CHECKS, 1):
        words = fatal and f"not tried: {fatal} failed"
        if not fatal:
            try:
                check()
            except Exception as e:  # each is told
                words = f"{type(e).__name__}: {e}"
                fatal = name if check in (base_image, build, serves, plain, plain_docker, restricted, build_more) else None
        bad = bad or bool(words)
        print(f"{'not ' if words else ''}ok {n} - {name}")
        if words:
            print("# " + words.replace("\n", "\n# "))
        sys.stdout.flush()
    call("podman", "rm", "--force", "--time", "0", NAME)
    return 1 if bad else 0


sys.exit(main())
