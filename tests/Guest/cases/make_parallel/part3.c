#include "parts.h"
int part3(void) { int s = 0; for (int i = 0; i < 13; i++) s += i * 6; return s; }
