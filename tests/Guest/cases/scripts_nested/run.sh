#!/bin/sh
# Scripts in four languages that start each other, by #! lines, with arguments and statuses handed through.
# needs: python3 perl bash awk
./outer.sh one "two words"; echo "status $?"
PATH=$PWD:$PATH outer.sh | sed -n 1p | sed 's|/[^ ]*/||'; sh -c './outer.sh; exit $?' >/dev/null; echo "status $?"; find . -type f | sort; bash ./outer.sh x | tail -n 1; env -i PATH="$PATH" ./outer.sh | wc -l
