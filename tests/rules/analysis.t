#!/usr/bin/python3
"""Format and static analysis of our C: clang-format, cppcheck and gcc -fanalyzer find nothing."""
import sys

from analysis import clang_format, cppcheck, gcc, main

sys.exit(main(clang_format, cppcheck, gcc))
