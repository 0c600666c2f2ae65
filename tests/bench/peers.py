"""Who is asked, and how: this server, and others that run Python for strangers, by the requests that their documents give.

A peer is named on the command line as KIND=http://ADDRESS:PORT, and has to run there already. Its answers need a Content-Length.
"""
import json
import sys
import urllib.parse

# path, body for a program that prints 1, what is in a right answer
KINDS = {
    "vitrine": ("/v1/runs", lambda code: {"code": code}, r'"1\n"'),
    "snekbox": ("/eval", lambda code: {"input": code}, r"1\n"),
    "piston": ("/api/v2/execute", lambda code: {"language": "python", "version": "*", "files": [{"content": code}]}, r"1\n"),
    "judge0": ("/submissions?base64_encoded=false&wait=true", lambda code: {"source_code": code, "language_id": 71}, r"1\n"),
    "go-judge": ("/run", lambda code: {"cmd": [{
        "args": ["/usr/bin/python3", "-I", "main.py"], "env": ["PATH=/usr/bin:/bin"],
        "files": [{"content": ""}, {"name": "stdout", "max": 10240}, {"name": "stderr", "max": 10240}],
        "cpuLimit": 10**10, "memoryLimit": 256 << 20, "procLimit": 50, "copyIn": {"main.py": {"content": code}}}]}, r"1\n"),
}


class Peer:
    """address and port, the bytes of a request, what a right answer holds."""

    def __init__(self, name, address, port, path, body, expected):
        text = json.dumps(body).encode()
        self.name, self.address, self.port, self.expected = name, address, port, expected
        self.request = (f"POST {path} HTTP/1.1\r\nHost: {address}:{port}\r\nContent-Type: application/json\r\n"
                        f"Content-Length: {len(text)}\r\n\r\n").encode() + text


def ours(port, name, code, expected, lenses=(), **more):
    return Peer(name, "127.0.0.1", port, "/v1/runs", {"code": code, "lenses": list(lenses), **more}, expected)


def compared(port, name, code, runtimes):
    """One program on each of them, at a time; an answer is right when they all came to the same."""
    return Peer(name, "127.0.0.1", port, "/v1/comparisons", {"code": code, "runtimes": runtimes, "lenses": []}, '"verdict":true')


def named(word, code):
    """A peer of the command line."""
    kind, _, url = word.partition("=")
    at = urllib.parse.urlsplit(url)
    if kind not in KINDS or at.scheme != "http" or not at.hostname or not at.port:
        sys.exit(f"bench: {word} is not KIND=http://ADDRESS:PORT, KIND one of {', '.join(KINDS)}")
    path, body, expected = KINDS[kind]
    return Peer(kind, at.hostname, at.port, path, body(code), expected)
