#include "start.h"
static unsigned char composite[2000000];
static uint32_t kernel(void)
{
    uint32_t count = 0;
    for (int round = 0; round < 6; round++) {
        memset(composite, 0, sizeof composite);
        count = 0;
        for (uint32_t i = 2; i < sizeof composite; i++) {
            if (composite[i]) continue;
            count++;
            for (uint32_t j = i * 2; j < sizeof composite; j += i) composite[j] = 1;
        }
    }
    return count;
}
