// printf and scanf in all their forms; strtod and its inverse over hard cases; wide characters; locale C.
#include "guest.h"
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <wchar.h>

int main(void)
{
    printf("[%d] [%5d] [%-5d] [%05d] [%+d] [% d] [%x] [%#X] [%o] [%#o]\n", 42, 42, 42, 42, 42, 42, 255, 255, 8, 8);
    printf("[%hhd] [%hd] [%ld] [%lld] [%zu] [%jd] [%td]\n", (char)300, (short)70000, LONG_MIN, LLONG_MAX, (size_t)-1, INTMAX_MIN, (ptrdiff_t)-1);
    printf("[%f] [%.0f] [%.10f] [%e] [%.3E] [%g] [%G] [%a] [%A]\n", M_PI, 2.5, M_PI, M_PI, 12345.678, 1e-5, 1e20, M_PI, -0.1);
    printf("[%10.3f] [%-10.3f] [%010.3f] [%+.2f] [%#.0f] [%g] [%g]\n", M_PI, M_PI, M_PI, M_PI, 3.0, 100000.0, 1000000.0);
    printf("[%f] [%F] [%e] [%g]\n", INFINITY, -INFINITY, NAN, -0.0);
    printf("[%s] [%10s] [%-10s] [%.3s] [%c] [%%] [%5c] [%s]\n", "text", "right", "left", "truncated", 'c', 'x', (char *)NULL);
    printf("[%*d] [%-*d] [%.*f] [%2$*1$d]\n", 8, 5, 8, 5, 3, M_PI);
    printf("[%.50f]\n[%.30e]\n[%.1100g]\n", 0.1, DBL_MAX, DBL_MIN);
    printf("[%ls] [%lc]\n", L"wide", L'w');
    printf("[%'d] [%m]\n", 1234567);
    int n;
    printf("count%n", &n);
    printf(" %d\n", n);
    char b[32];
    SHOW(snprintf(b, 5, "%s", "truncated"));
    SAY("%s", b);

    int i, j;
    unsigned u;
    double d;
    char s[16], c[4];
    SHOW(sscanf("12 -7 0x1f 3.5e2 word [abc]def", "%d %i %x %lf %15s [%15[a-c]", &i, &j, &u, &d, s, b));
    SAY("%d %d %u %g %s %s", i, j, u, d, s, b);
    SHOW(sscanf("12345", "%2d%3c", &i, c));
    SAY("%d %.3s", i, c);
    SHOW(sscanf("x", "%d", &i));
    SHOW(sscanf("", "%d", &i));
    SHOW(sscanf("5,6", "%d,%*d%n", &i, &n));
    SHOW(n);

    const char *numbers[] = { "0", "-0", "1e400", "-1e400", "1e-400", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
        "1.7976931348623158e308", "1.7976931348623159e308", "9007199254740993", "0.1", "123456789012345678901234567890",
        "0x1.fffffffffffff8p0", "inf", "nan(123)", "1e", "1e+", ".5", "5.", "." };
    for (int k = 0; k < (int)(sizeof numbers / sizeof *numbers); k++) {
        char *end;
        errno = 0;
        double v = strtod(numbers[k], &end);
        SAY("%s -> %a rest \"%s\" %s", numbers[k], v, end, errno ? strerrorname_np(errno) : "");
    }
    const char *integers[] = { "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0777", "0x", "  12x", "" };
    for (int k = 0; k < 7; k++) {
        char *end;
        errno = 0;
        long v = strtol(integers[k], &end, 0);
        SAY("%s -> %ld rest \"%s\" %s", integers[k], v, end, errno ? strerrorname_np(errno) : "");
    }
    uint64_t seed = 1, wrong = 0;
    for (int k = 0; k < 3000; k++) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        double v, back;
        memcpy(&v, &seed, 8);
        if (!isfinite(v))
            continue;
        char text[64];
        sprintf(text, "%.17g", v);
        back = strtod(text, NULL);
        wrong += back != v;
    }
    SHOW(wrong);
    SHOW(strtoull("ffffffffffffffff", NULL, 16) == UINT64_MAX);
    TRUTH(strcmp(setlocale(LC_ALL, NULL), "C") == 0);
    wchar_t w[16];
    SHOW(swprintf(w, 16, L"%ls-%d", L"wide", 5));
    SHOW(wcslen(w));
    return 0;
}
