#!/bin/sh
# gcc: hello compiled and run, in all its stages, with warnings and errors, several optimisation levels, pipes.
# needs: gcc
# timeout: 180
gcc hello.c -o hello && ./hello a b; echo "status $?"
gcc -E hello.c | grep -c 'hello'; gcc -S hello.c -o hello.s && grep -c main hello.s; as hello.s -o hello.o && gcc hello.o -o hello2 && ./hello2; echo "status $?"
gcc -Wall -c broken.c 2>errors; echo "status $?"; grep -c "undeclared" errors
for o in -O0 -O2 -Os; do gcc $o hello.c -o h && ./h x >/dev/null; echo "$o $?"; done
echo 'int main() { return 42; }' | gcc -pipe -x c - -o h; ./h; echo "status $?"
gcc -static hello.c -o h && ./h; file -b h 2>/dev/null | cut -d, -f1; gcc -shared -fPIC -o lib.so -x c - <<END
int answer(void) { return 7; }
END
echo 'int answer(void); int main(void) { return answer(); }' >use.c; gcc use.c -o use ./lib.so && ./use; echo "status $?"
gcc no-such-file.c 2>/dev/null; echo "status $?"; gcc -dumpmachine; strip hello && ./hello; nm hello2 | grep -c ' T main'; objdump -d hello2 | grep -c '<main>:'; size h >/dev/null && echo size; ldd hello2 | grep -c libc.so; readelf -h hello2 | grep Class
rm -f hello hello2 h use use.c lib.so hello.s hello.o errors
