#!/usr/bin/python3
import os, subprocess, sys
print("middle:", sys.argv[0], sys.argv[1:], flush=True)
r = subprocess.run(["./inner.pl"] + sys.argv[1:], capture_output=True, text=True)
print(r.stdout, end="")
sys.exit(r.returncode + 1)
