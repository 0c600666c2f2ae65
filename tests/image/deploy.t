#!/usr/bin/python3
"""The files of deploy/ give a container what it needs and nothing more; docker and kubectl are not asked.

"restricted" is the Pod Security Standard of that name, as Kubernetes 1.31 has it (kubernetes.io/docs/concepts/security/
pod-security-standards): what it forbids is forbidden unless it is said, what it demands has to be said.
"""
import os
import pathlib
import re
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from tap import check, equal, main  # noqa: E402

DEPLOY = pathlib.Path("deploy")
DOCKERFILE = pathlib.Path("Dockerfile").read_text()
USER = int(re.search(r"^USER (\d+):", DOCKERFILE, re.M)[1])
LARGEST = int(re.search(r"X\(disk_bytes,.*?(\d+) \* MIB\)", pathlib.Path("wire/limits.h").read_text())[1])  # MiB
ROUTES = re.findall(r'^\t\{"GET", "(/[^"]*)"', pathlib.Path("server/routes.c").read_text(), re.M)
documents = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
deployment, service = documents
template = deployment["spec"]["template"]
pod = template["spec"]
(container,) = pod["containers"]
# The volumes that the standard allows.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


@check("kubernetes: a pod that the standard \"restricted\" takes")
def restricted():
    own, all_of_it = container["securityContext"], pod["securityContext"]
    equal((all_of_it["runAsNonRoot"], own.get("runAsNonRoot", True)), (True, True))
    equal(all_of_it["seccompProfile"], {"type": "RuntimeDefault"})
    equal(own["allowPrivilegeEscalation"], False)
    equal(own["capabilities"], {"drop": ["ALL"]})
    assert not {"privileged", "procMount", "seLinuxOptions", "windowsOptions", "seccompProfile", "runAsUser"} & set(own), own
    assert not {"sysctls", "seLinuxOptions", "windowsOptions"} & set(all_of_it), all_of_it
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers", "ephemeralContainers"} & set(pod), pod
    assert not any("hostPort" in port for port in container["ports"]), container["ports"]
    for volume in pod["volumes"]:
        assert set(volume) - {"name"} <= VOLUMES, volume
    assert not any("unconfined" in str(v) for v in template["metadata"].get("annotations", {}).values())


@check("kubernetes: nothing can be written but the memory of runs, and the cluster's token is not there")
def sealed():
    equal(container["securityContext"]["readOnlyRootFilesystem"], True)
    equal((pod["automountServiceAccountToken"], pod["enableServiceLinks"]), (False, False))
    (mount,), (volume,) = container["volumeMounts"], pod["volumes"]
    equal((mount["name"], mount["mountPath"]), (volume["name"], "/box"))
    # A run may ask for that much, and a tmpfs without a size would have half of the node's memory.
    equal(volume["emptyDir"], {"medium": "Memory", "sizeLimit": f"{LARGEST}Mi"})


@check("kubernetes: the user, the port and the probes are those of the image and the server")
def fits():
    equal(pod["securityContext"]["runAsUser"], USER)
    (port,) = container["ports"]
    listen = {e["name"]: e["value"] for e in container["env"]}["VITRINE_LISTEN"]
    equal(listen, f"0.0.0.0:{port['containerPort']}")
    for probe in ("readinessProbe", "livenessProbe"):
        get = container[probe]["httpGet"]
        assert get["path"] in ROUTES and get["port"] == port["name"], get
    equal(service["spec"]["ports"][0]["targetPort"], port["name"])
    labels = template["metadata"]["labels"]
    equal((deployment["spec"]["selector"]["matchLabels"], service["spec"]["selector"]), (labels, labels))


@check("compose: read-only, no capability, a tmpfs for runs, one port on loopback")
def compose():
    (server,) = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values()
    assert not {"privileged", "cap_add", "devices", "volumes", "network_mode", "pid", "ipc", "user", "userns_mode"} & set(server), server
    equal((server["read_only"], server["cap_drop"], server["security_opt"]), (True, ["ALL"], ["no-new-privileges:true"]))
    (box,) = server["tmpfs"]
    where, options = box.split(":")
    equal(where, "/box")
    assert {"noexec", "nosuid", "nodev", "mode=1777", f"size={LARGEST}m"} <= set(options.split(",")), box
    (port,) = server["ports"]
    host, outer, inner = port.split(":")
    equal((host, server["environment"]["VITRINE_LISTEN"]), ("127.0.0.1", f"0.0.0.0:{inner}"))
    assert (DEPLOY / server["build"] / "Dockerfile").exists()


main()
