#!/bin/sh
# Static archives, shared libraries with rpath and LD_LIBRARY_PATH, plugins, LD_PRELOAD, the loader as a program.
# needs: gcc
# timeout: 240
gcc -c add.c mul.c && ar rcs libarith.a add.o mul.o && ar t libarith.a && gcc -shared -fPIC -o plugin.so plugin.c && gcc main.c -L. -larith -o prog && ./prog
gcc -shared -fPIC -Wl,-soname,libarith.so.1 -o libarith.so.1 add.c mul.c && ln -sf libarith.so.1 libarith.so && gcc main.c -L. -l:libarith.so -o dyn; ./dyn 2>/dev/null; echo "status $?"; LD_LIBRARY_PATH=. ./dyn; gcc main.c -L. -l:libarith.so -Wl,-rpath,'$ORIGIN' -o dyn2 && (cd / && "$OLDPWD/dyn2" | head -n 1)
echo 'int getpid(void) { return 4242; }' >pre.c; gcc -shared -fPIC -o pre.so pre.c; gcc pid.c -o pid; LD_PRELOAD=./pre.so ./pid; /lib64/ld-linux-x86-64.so.2 ./pid | grep -c '^[0-9]*$'; LD_TRACE_LOADED_OBJECTS=1 ./pid | grep -c libc; LD_BIND_NOW=1 ./prog | head -n 1; LD_PRELOAD=./none.so ./prog 2>&1 | head -n 1 | grep -c 'none.so'
rm -f *.o *.a *.so *.so.1 prog dyn dyn2 pid pre.c
