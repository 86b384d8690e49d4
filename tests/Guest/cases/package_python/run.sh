#!/bin/sh
# A Python package: imports, byte-code caches written and used, -m, zipimport, compileall, -c, stdin, options, exit codes.
# needs: python3
# timeout: 240
python3 main.py; find . -name '*.pyc' | sed 's/cpython-[0-9]*/cpython/' | sort; python3 main.py; python3 -m pkg.tools; python3 -B -O main.py | cut -c1-10
(cd pkg && python3 -c 'import zipfile, os; z = zipfile.ZipFile("../p.zip", "w"); [z.write(f"../pkg/{f}", f"pkg/{f}") for f in ("__init__.py", "tools.py")]'); mv pkg pkg2; PYTHONPATH=p.zip python3 -c 'import pkg.tools; print(pkg.tools.double(3), "zip" in pkg.__file__)'; python3 main.py 2>&1 | tail -n 1; mv pkg2 pkg
echo 'print("from stdin")' | python3; echo 'import sys; sys.exit(5)' | python3 -; echo "status $?"; python3 -c 'raise SystemExit("message")' 2>&1; echo "status $?"; python3 -c 'import os; os.abort()' 2>/dev/null; echo "status $?"; python3 -c '1/0' 2>&1 | tail -n 1; python3 nothing.py 2>/dev/null; echo "status $?"; python3 -m compileall -q pkg && echo compiled; python3 -c 'import this' | head -n 1; python3 -S -E -I -c 'import sys; print(sys.flags.isolated)'; python3 -u -c 'print("unbuffered", end="")' | cat; echo; python3 -V | cut -d. -f1
find . -name __pycache__ | xargs rm -r; rm p.zip
