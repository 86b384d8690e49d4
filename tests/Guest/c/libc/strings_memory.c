// The string and memory functions with every alignment and many lengths, next to the end of a page.
#include "guest.h"

static uint32_t sum;
static void note(long v) { sum = sum * 31 + (uint32_t)v; }
static int sign(int v) { return (v > 0) - (v < 0); }

int main(void)
{
    // Two pages, the second unreadable: an over-read is a fault.
    char *page = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *other = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page + 8192, 4096, PROT_NONE);
    mprotect(other + 8192, 4096, PROT_NONE);
    char *end = page + 8192, *oend = other + 8192;
    for (int length = 0; length < 300; length += length < 70 ? 1 : 13) {
        for (int shift = 0; shift < 17; shift += 3) {
            char *a = end - length - 1 - shift, *b = oend - length - 1 - (shift * 5) % 17;
            for (int i = 0; i < length; i++)
                a[i] = 'a' + (i * 7 + length) % 26;
            a[length] = 0;
            note(strlen(a));
            strcpy(b, a);
            note(sign(strcmp(a, b)));
            note(memcmp(a, b, length + 1) == 0);
            note(strnlen(a, length / 2));
            char *at = strchr(a, 'q');
            note(at ? at - a : -1);
            at = strrchr(a, 'q');
            note(at ? at - a : -1);
            at = memchr(a, 'z', length);
            note(at ? at - a : -1);
            if (length > 3) {
                b[length - 2] ^= 1;
                note(sign(strcmp(a, b)));
                note(sign(strncmp(a, b, length - 2)));
                note(sign(memcmp(a, b, length)));
                note(sign(strcasecmp(a, b)));
                at = strstr(a, a + length - 3);
                note(at ? at - a : -1);
                at = memmem(a, length, a + length / 2, 3 < length - length / 2 ? 3 : 1);
                note(at ? at - a : -1);
                note(strspn(a, "abcdefghijklm"));
                note(strcspn(a, "xyz"));
            }
            memmove(a - 5, a, length);
            note(a[-5]);
            memmove(a + 1, a, length);
            note(a[length]);
            memset(a, length, length + 1);
            for (int i = 0; i <= length; i++)
                note(a[i]);
            memcpy(b, a, length);
            note(memcmp(a, b, length));
            if (length > 1)
                note(stpcpy(b, "x") - b);
        }
    }
    SAY("%08x", sum);
    char text[] = "one,two;;three";
    for (char *save, *t = strtok_r(text, ",;", &save); t; t = strtok_r(NULL, ",;", &save))
        SAY("%s", t);
    int numbers[500];
    for (int i = 0; i < 500; i++)
        numbers[i] = (i * 7919) % 503;
    int compare(const void *x, const void *y) { return *(int *)x - *(int *)y; }
    qsort(numbers, 500, sizeof(int), compare);
    int ordered = 1;
    for (int i = 1; i < 500; i++)
        ordered &= numbers[i - 1] <= numbers[i];
    SHOW(ordered);
    int key = 250;
    int *found = bsearch(&key, numbers, 500, sizeof(int), compare);
    SHOW(found ? *found : -1);
    srand(7);
    for (int i = 0; i < 5; i++)
        printf("%d ", rand());
    srandom(9);
    srand48(11);
    printf("%ld %.10f\n", random(), drand48());
    return 0;
}
