// Counting words of a text with branches on characters and a linear list: what small filters do.
#include "kernel.h"
static uint64_t work(long n)
{
    static char text[40000];
    static char seen[512][16];
    static int counts[512];
    uint32_t x = 7;
    for (int i = 0; i < 39999; i++) {
        x = x * 1103515245 + 12345;
        text[i] = (x >> 16) % 5 ? 'a' + (x >> 20) % 3 : ' ';
    }
    uint64_t sum = 0;
    while (n--) {
        int used = 0;
        memset(counts, 0, sizeof counts);
        for (char *p = text; *p;) {
            while (*p == ' ') p++;
            char w[16];
            int length = 0;
            while (*p && *p != ' ') { if (length < 4) w[length++] = *p; p++; }
            w[length] = 0;
            int k = 0;
            while (k < used && strcmp(seen[k], w) != 0) k++;
            if (k == used && used < 512) strcpy(seen[used++], w);
            counts[k]++;
        }
        for (int k = 0; k < used; k++)
            sum = sum * 31 + counts[k];
    }
    return sum;
}
KERNEL(25)
