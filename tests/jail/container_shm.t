#!/usr/bin/python3
"""A plain container that was started without any option: container.t once more, with runs in a directory of its /dev/shm."""
import os
import pathlib
import sys

os.environ["VITRINE_WORKDIR"] = "/dev/shm/vitrine"
other = pathlib.Path(__file__).with_name("container.t")
os.execv(other, [other, *sys.argv[1:]])
