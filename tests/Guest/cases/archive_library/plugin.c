#include <stdio.h>
__attribute__((constructor)) static void loaded(void) { puts("plugin loaded"); }
int run(int x) { printf("plugin got %d\n", x); return x * 2; }
