int add(int, int);
int mul(int a, int b) { int r = 0; while (b-- > 0) r = add(r, a); return r; }
