#include <stdio.h>
#include "greet.h"
int main(int argc, char **argv) { printf("%s, %d arguments\n", GREETING, argc - 1); return argc; }
