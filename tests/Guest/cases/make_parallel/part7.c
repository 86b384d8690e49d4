#include "parts.h"
int part7(void) { int s = 0; for (int i = 0; i < 17; i++) s += i * 10; return s; }
