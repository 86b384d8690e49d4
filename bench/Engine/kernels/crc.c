#include "start.h"
static uint32_t table[256];
static unsigned char data[65536];
static uint32_t kernel(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    for (size_t i = 0; i < sizeof data; i++) data[i] = (unsigned char)next_random();
    uint32_t crc = ~0u;
    for (int round = 0; round < 500; round++)
        for (size_t i = 0; i < sizeof data; i++) crc = table[(crc ^ data[i]) & 0xff] ^ (crc >> 8);
    return ~crc;
}
