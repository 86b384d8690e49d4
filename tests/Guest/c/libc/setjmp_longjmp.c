// setjmp and longjmp: values, locals, deep unwinding, across many frames and many times; alloca and variable arrays.
#include "guest.h"
#include <setjmp.h>

static jmp_buf env, outer;
static int depth_reached;

static void deep(int n, int value)
{
    volatile char pad[100];
    pad[n % 100] = n;
    depth_reached = n;
    if (n == 0)
        longjmp(env, value);
    deep(n - 1, value);
}
static int nested(void)
{
    jmp_buf inner;
    int r = setjmp(inner);
    if (r == 0)
        longjmp(inner, 5);
    if (r == 5)
        longjmp(outer, r + 1);
    return r;
}
static double with_doubles(double x)
{
    volatile double keep = x * 2;
    if (setjmp(env) == 0)
        deep(50, 1);
    return keep + x;
}

int main(void)
{
    for (int i = 0; i < 4; i++) {
        int r = setjmp(env);
        if (r == 0)
            deep(i * 1000, i);
        SAY("returned %d", r);
    }
    int r = setjmp(outer);
    if (r == 0)
        nested();
    SAY("outer %d", r);
    SAY("%.3f", with_doubles(1.25));
    volatile long count = 0;
    setjmp(env);
    if (++count < 20000)
        longjmp(env, 1);
    SHOW(count);
    volatile int n = 0;
    for (int i = 1; i < 200; i++) {
        char array[i * 10];
        memset(array, i, sizeof array);
        char *more = __builtin_alloca(i);
        memset(more, 1, i);
        n += array[i * 10 - 1] + more[i - 1];
    }
    SHOW(n);
    return 0;
}
