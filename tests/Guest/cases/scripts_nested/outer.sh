#!/bin/bash
echo "outer: $0 has $#: $*"
exec ./middle.py "$@" extra
