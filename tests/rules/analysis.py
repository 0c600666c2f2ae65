"""Format and static analysis of our C: what analysis.t and tidy.t do, each with its tools.

What was found clean is remembered in $VITRINE_BUILD/analysis by a hash of everything that the finding depends on: the
file, all headers, the tool's version, its options and settings.
"""
import concurrent.futures
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

CACHE = pathlib.Path(os.environ.get("VITRINE_BUILD", "build"), "analysis")
PY = subprocess.run(["pkg-config", "--cflags-only-I", "python-3.11-embed"], capture_output=True, text=True).stdout
PYTHON = [word for flag in dict.fromkeys(PY.split()) for word in ("-isystem", flag.removeprefix("-I"))]
LANGUAGE = ["-std=gnu17", "-D_GNU_SOURCE", "-I.", '-DRUNNER_VERSION="3.11"']
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes"]
# Wrong about: structs that the kernel reads, variables that exist to be cleaned up, callbacks' parameters, and a struct
# that is returned after only its va_list was passed on. Leaks: none of these tools follows cleanup attributes.
SUPPRESSED = ["missingInclude", "missingIncludeSystem", "unusedFunction", "unusedStructMember", "unreadVariable",
              "constParameter", "constParameterCallback", "unmatchedSuppression", "uninitvar:base/jsonw.c",
              "comparePointers:server/routes_info.c", "variableScope", "memleak", "resourceLeak"]
# States that clang's analyser looks at of each function: of 225,000, which is what it does by itself, most of the time goes to a few
# long functions. All of them with VITRINE_FULL=1.
DEPTH = [] if os.environ.get("VITRINE_FULL") == "1" else ["-Xclang", "-analyzer-config", "-Xclang", "max-nodes=60000"]


def files(*suffixes):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *(f"*{s}" for s in suffixes)],
                            capture_output=True, text=True).stdout.split()
    if not listed:  # no git, as in an unpacked archive
        listed = [str(p) for s in suffixes for p in pathlib.Path(".").rglob(f"*{s}")]
    return sorted(f for f in listed if os.path.exists(f) and not f.startswith(("build/", "web/")))


def language(path):
    return LANGUAGE + (PYTHON if path.startswith(("sandbox/py/", "sandbox/lenses/", "tests/lenses/")) else [])


def clang_format(path):
    return ["clang-format", "--dry-run", "--Werror", path]


def clang_tidy(path):
    return ["clang-tidy", "--quiet", path, "--", *language(path), *DEPTH]


def cppcheck(path):
    return ["cppcheck", "--quiet", "--enable=warning,style,performance,portability", "--inline-suppr", "--std=c11",
            "--error-exitcode=1", "-D_GNU_SOURCE", "-D__x86_64__",
            "-Djson_array_foreach(a,i,v)=while(json_array_next(a,&i,&v))",
            "-Djson_object_foreach(o,k,v)=while(json_object_next(o,&k,&v))", "-DRUNNER_VERSION=\"3.11\"", "-I.", *(f"--suppress={s}" for s in SUPPRESSED), path]


def gcc(path):
    return ["gcc", *language(path), *WARNINGS, "-O2", "-fanalyzer", "-Wno-analyzer-malloc-leak", "-Wno-analyzer-file-leak",
            "-c", path, "-o", "/dev/null"]


def digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


HEADERS = digest(*(f"{p}\0{pathlib.Path(p).read_text()}" for p in files(".h") + [".clang-format", ".clang-tidy"]))


def analyse(tool, version, path):
    """None when clean, else what the tool said."""
    argv = tool(path)
    mark = CACHE / digest(version, HEADERS, pathlib.Path(path).read_text(), *argv)
    if mark.exists():
        return None
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode == 0:
        mark.touch()
        return None
    return (done.stdout + done.stderr).strip() or f"{argv[0]} exited with {done.returncode}"


def main(*tools):
    CACHE.mkdir(parents=True, exist_ok=True)
    print("TAP version 13", f"1..{len(tools)}", sep="\n")
    bad = False
    for n, tool in enumerate(tools, 1):
        program = tool("x")[0]
        if not shutil.which(program):
            print(f"not ok {n} - {program} is not installed: scripts/deps test")
            bad = True
            continue
        version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        # Tables are laid out by hand.
        paths = [p for p in files(".c", ".h") if "/tbl/" not in p] if tool is clang_format else files(".c")
        with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
            found = [w for w in pool.map(lambda p: analyse(tool, version, p), paths) if w]
        print(f"{'not ' if found else ''}ok {n} - {program}: {len(paths)} files")
        print(*("# " + line for words in found for line in words.splitlines()), sep="\n", end="\n" if found else "")
        sys.stdout.flush()
        bad = bad or bool(found)
    return 1 if bad else 0
