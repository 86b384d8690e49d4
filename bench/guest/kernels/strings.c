// String formatting and parsing by the C library: snprintf, strtol, strtod, strchr, strcmp.
#include "kernel.h"
static uint64_t work(long n)
{
    uint64_t sum = 0;
    char line[128], *end;
    while (n--) {
        int length = snprintf(line, sizeof line, "%ld:%08lx;%s=%.3f,%5d", n, n * 2654435761u & 0xffffffff, n & 1 ? "odd" : "even", n / 7.0, (int)(n % 1000));
        sum += length + strtol(line, &end, 10);
        sum += strtoul(end + 1, &end, 16);
        char *value = strchr(end, '=');
        sum += (uint64_t)(strtod(value + 1, &end) * 1000);
        sum += strncmp(strchr(line, ';') + 1, "even", 4) == 0;
    }
    return sum;
}
KERNEL(50000)
