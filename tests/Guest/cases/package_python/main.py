#!/usr/bin/python3
import sys
from pkg import tools
from pkg.sub import deep
print(tools.double(21), deep.where(), sorted(m for m in sys.modules if m.startswith("pkg")))
