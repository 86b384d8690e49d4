// x87 extended precision: arithmetic, conversions, printf %La and %Lg, the long double functions of libm.
#include "guest.h"
#include <fenv.h>
#include <float.h>
#include <math.h>

#define L(e) printf("%-28s %La %.21Lg\n", #e, (long double)(e), (long double)(e))

int main(void)
{
    volatile long double one = 1, three = 3, tiny = LDBL_MIN, huge = LDBL_MAX, x = 0.7L, ten = 10;
    L(one / three);
    L(sqrtl(2 * one));
    L(LDBL_EPSILON);
    L(LDBL_MAX);
    L(LDBL_MIN);
    L(tiny / 3);
    L(tiny / huge);
    L(huge * 2);
    L(-one / 0.0L);
    L(one - 1.0e-19L);
    L(expl(x));
    L(exp2l(x));
    L(expm1l(x));
    L(logl(x));
    L(log2l(ten));
    L(log10l(ten * 7));
    L(log1pl(x));
    L(sinl(x));
    L(cosl(x));
    L(tanl(x));
    L(sinl(ten * 100000));
    L(asinl(x));
    L(acosl(x));
    L(atanl(x));
    L(atan2l(x, -three));
    L(sinhl(x));
    L(coshl(x));
    L(tanhl(x));
    L(powl(x, three));
    L(powl(three, 0.1L));
    L(cbrtl(three));
    L(hypotl(three, ten));
    L(fmodl(ten * 1e10L, three));
    L(remainderl(ten, three));
    L(floorl(-x));
    L(ceill(x));
    L(truncl(-x * 10));
    L(rintl(x * 5));
    L(roundl(x * 5));
    L(ldexpl(x, 1000));
    L(scalbnl(x, -16000));
    L(nextafterl(one, ten));
    L(erfl(x));
    L(tgammal(ten));
    L(lgammal(ten));
    L(fmal(x, three, one));
    int e;
    L(frexpl(x * 1000, &e));
    SHOW(e);
    long double whole;
    L(modfl(ten * x * 1.1L, &whole));
    L(whole);
    L(strtold("3.14159265358979323846264338327950288", NULL));
    L(strtold("0x1.8p-3", NULL));
    L(strtold("1e-4940", NULL));
    L((long double)UINT64_MAX);
    L((long double)INT64_MIN);
    L((double)(one / three));
    L((float)(one / three));
    SHOW((int64_t)(huge > 0 ? 9.2e18L : 0));
    SHOW((uint64_t)1.8e19L);
    SHOW(llrintl(2.5L));
    SHOW(lroundl(2.5L));
    SHOW(isnan(0.0L / (one - one)));
    SHOW(fpclassify(tiny / 4) == FP_SUBNORMAL);
    SHOW(signbit(-0.0L));
    SHOW(ilogbl(x));
    for (int mode = 0; mode < 4; mode++) {
        static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
        fesetround(modes[mode]);
        L(one / three);
        L(-one / three);
        SHOW(lrintl(2.5L));
        SHOW(lrintl(-2.5L));
    }
    fesetround(FE_TONEAREST);
    long double sum = 0, product = 1;
    for (int i = 1; i <= 1000; i++) {
        sum += one / i;
        product *= one + one / (i * i + three);
    }
    L(sum);
    L(product);
    return 0;
}
