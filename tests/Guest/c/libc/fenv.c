// Floating-point environment: rounding modes and exception flags in SSE and x87, traps unmasked, kept over fork and signals.
#include "guest.h"
#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <xmmintrin.h>

static const char *flags(void)
{
    static char text[64];
    int f = fetestexcept(FE_ALL_EXCEPT);
    sprintf(text, "%s%s%s%s%s", f & FE_INEXACT ? " inexact" : "", f & FE_DIVBYZERO ? " divide" : "", f & FE_UNDERFLOW ? " underflow" : "",
        f & FE_OVERFLOW ? " overflow" : "", f & FE_INVALID ? " invalid" : "");
    return text;
}
#define F(e) (feclearexcept(FE_ALL_EXCEPT), r = (e), printf("%-24s %a%s\n", #e, r, flags()))
#define FF(e) (feclearexcept(FE_ALL_EXCEPT), s = (e), printf("%-24s %a%s\n", #e, s, flags()))

static sigjmp_buf back;
static int code;
static void handler(int sig, siginfo_t *info, void *context) { code = info->si_code; siglongjmp(back, 1); }
static void in_handler(int sig) { printf("rounding in a handler %d\n", fegetround() == FE_TONEAREST); }

int main(void)
{
    volatile double one = 1, three = 3, zero = 0, huge = 1e308, tiny = 1e-308, r;
    volatile float s, fthree = 3;
    static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
    for (int m = 0; m < 4; m++) {
        SAY("-- mode %d", m);
        fesetround(modes[m]);
        F(one / three);
        F(-one / three);
        F(one + 1e-20);
        F(huge * 10);
        F(-huge * 10);
        F(tiny * 1e-10);
        F(tiny / 3e5);
        FF(1 / fthree);
        FF((float)(one / three));
        SHOW(lrint(2.5));
        SHOW(lrint(-3.5));
        SHOW((int)2.9);
        F(rint(0.5));
        F(nearbyint(1.5));
        F(sqrt(three));
        char text[64];
        snprintf(text, sizeof text, "%.3f %.0f %.2e", 2.0005, 2.5, 123456.0);
        SAY("%s", text);
        F(strtod("0.1", NULL));
    }
    fesetround(FE_TONEAREST);
    F(one / zero);
    F(zero / zero);
    F(sqrt(-one));
    F(log(zero));
    F(fmod(one, zero));
    F((double)(int)(huge));
    SHOW(isnan(NAN + one));
    feclearexcept(FE_ALL_EXCEPT);
    SHOW((NAN < one) + (NAN == NAN) * 2);
    SAY("comparison%s", flags());
    feraiseexcept(FE_OVERFLOW | FE_INEXACT);
    SAY("raised%s", flags());
    fenv_t env;
    feholdexcept(&env);
    SAY("held%s", flags());
    fesetenv(&env);
    SAY("back%s", flags());

    fesetround(FE_UPWARD);
    signal(SIGUSR1, in_handler);
    raise(SIGUSR1);
    SHOW(fegetround() == FE_UPWARD);
    reap("child", CHILD(SHOW(fegetround() == FE_UPWARD)));
    fesetenv(FE_DFL_ENV);

    struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    sigaction(SIGFPE, &a, NULL);
    int traps[] = { FE_DIVBYZERO, FE_INVALID, FE_OVERFLOW, FE_UNDERFLOW, FE_INEXACT };
    for (int i = 0; i < 5; i++) {
        fesetenv(FE_DFL_ENV);
        feclearexcept(FE_ALL_EXCEPT);
        feenableexcept(traps[i]);
        code = 0;
        if (sigsetjmp(back, 1) == 0) {
            if (i == 0) r = one / zero;
            if (i == 1) r = zero / zero;
            if (i == 2) r = huge * huge;
            if (i == 3) r = tiny * tiny;
            if (i == 4) r = one / three;
            SAY("no trap");
        } else
            SAY("SSE trap %d", code);
        fesetenv(FE_DFL_ENV);
    }
    for (int i = 0; i < 2; i++) {
        volatile long double lone = 1, lzero = 0, lr;
        feenableexcept(FE_DIVBYZERO | FE_INVALID);
        if (sigsetjmp(back, 1) == 0) {
            lr = i == 0 ? lone / lzero : lzero / lzero;
            lr = lr + lone;
            SAY("no trap");
        } else
            SAY("x87 trap %d", code);
        fesetenv(FE_DFL_ENV);
    }
    _mm_setcsr(_mm_getcsr() | 0x8040);    // flush to zero, denormals are zero
    F(tiny / 3e5);
    F(4.9406564584124654e-324 * one * 1e300);
    SAY("%#x", _mm_getcsr() & ~0x3f);
    return 0;
}
