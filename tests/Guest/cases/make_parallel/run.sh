#!/bin/sh
# make -j2 over ten files: everything once, nothing twice, only what changed again, failures reported.
# needs: make gcc
# timeout: 300
make -s -j2; echo "status $?"; cat test.out; ls *.o | wc -l
make -j2 | sed "s/make\[[0-9]*\]/make/"; touch part3.c; make -s -j2; make -q; echo "up to date $?"
make -s fail 2>/dev/null; echo "status $?"; make -s nothing 2>/dev/null; echo "status $?"; make -n clean; make -s -k fail all 2>/dev/null; echo "status $?"
printf 'x: ; @echo $(A) $(shell echo shell) $(subst a,b,banana) $(sort c a b)\n' | make -s -f - x A=given
make clean >/dev/null; touch -d '2001-01-01' *; ls | wc -l
