// MMX: the instructions that share the x87 registers, and EMMS between the two worlds.
// cflags: -mmmx -msse
#include "guest.h"
#include <xmmintrin.h>

static uint64_t fold(uint64_t h, __m64 v) { uint64_t u; memcpy(&u, &v, 8); return (h ^ u) * 0x9e3779b97f4a7c15; }
#define TWO(f) do { uint64_t h = 0; for (int i = 0; i < 31; i++) h = fold(h, f(in[i], in[i + 1])); _mm_empty(); printf("%-18s %016lx\n", #f, h); } while (0)

int main(void)
{
    __m64 in[32];
    uint64_t s = 99;
    for (int i = 0; i < 32; i++) {
        s = s * 6364136223846793005 + 1442695040888963407;
        memcpy(&in[i], &s, 8);
    }
    TWO(_mm_add_pi8); TWO(_mm_adds_pi16); TWO(_mm_adds_pu8); TWO(_mm_sub_pi32); TWO(_mm_subs_pu16); TWO(_mm_mullo_pi16); TWO(_mm_mulhi_pi16);
    TWO(_mm_madd_pi16); TWO(_mm_cmpeq_pi8); TWO(_mm_cmpgt_pi16); TWO(_mm_packs_pi16); TWO(_mm_packs_pu16); TWO(_mm_unpackhi_pi8); TWO(_mm_unpacklo_pi32);
    TWO(_mm_and_si64); TWO(_mm_andnot_si64); TWO(_mm_xor_si64); TWO(_mm_avg_pu8); TWO(_mm_max_pi16); TWO(_mm_min_pu8); TWO(_mm_mulhi_pu16); TWO(_mm_sad_pu8);
    uint64_t h = 0;
    for (int i = 0; i < 32; i++) {
        h = fold(h, _mm_slli_pi16(in[i], 3));
        h = fold(h, _mm_srai_pi32(in[i], 7));
        h = fold(h, _mm_srli_si64(in[i], 20));
        h = fold(h, _mm_shuffle_pi16(in[i], 0x1b));
        h = h * 31 + _mm_movemask_pi8(in[i]) + _mm_extract_pi16(in[i], 2) + _mm_cvtsi64_si32(in[i]);
    }
    _mm_empty();
    SAY("others             %016lx", h);
    // An MMX write shows in the x87 register as a number with all exponent bits set.
    long double v;
    unsigned char raw[16] = { 0 };
    __asm__ volatile("movq %1, %%mm0\n fstpt %0\n emms" : "=m"(v) : "m"(s));
    memcpy(raw, &v, 10);
    SAY("%02x%02x", raw[9], raw[8]);
    SAY("%.5Lf", (long double)3.25L * 2);
    return 0;
}
