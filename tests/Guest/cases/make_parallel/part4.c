#include "parts.h"
int part4(void) { int s = 0; for (int i = 0; i < 14; i++) s += i * 7; return s; }
