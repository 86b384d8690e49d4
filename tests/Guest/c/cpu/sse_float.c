// Scalar and packed floating-point instructions: special operands, conversions, comparisons, shuffles, rounding.
// cflags: -msse4.1
#include "guest.h"
#include <float.h>
#include <math.h>
#include <smmintrin.h>

static const double special[] = { 0.0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, 1e308, -1e308, 1e-308, 5e-324, 3.7e9, -3.7e9, 1e19, 123456789.5,
    INFINITY, -INFINITY, NAN, 0.1, 2147483647.5, -2147483648.5, 9.2e18, 1e-40 };
enum { N = sizeof special / sizeof *special };
static uint64_t fold(uint64_t h, uint64_t v) { return (h ^ v) * 0x9e3779b97f4a7c15 + (h >> 31); }
static uint64_t bits(double d) { uint64_t u; memcpy(&u, &d, 8); return u; }
static uint64_t fold_ps(uint64_t h, __m128 v) { uint64_t w[2]; memcpy(w, &v, 16); return fold(fold(h, w[0]), w[1]); }
static uint64_t fold_pd(uint64_t h, __m128d v) { uint64_t w[2]; memcpy(w, &v, 16); return fold(fold(h, w[0]), w[1]); }
static uint64_t fold_si(uint64_t h, __m128i v) { uint64_t w[2]; memcpy(w, &v, 16); return fold(fold(h, w[0]), w[1]); }

#define PD(f) do { uint64_t h = 0; for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) \
    h = fold_pd(h, f(_mm_setr_pd(special[i], special[j]), _mm_setr_pd(special[j], special[(i + j) % N]))); printf("%-16s %016lx\n", #f, h); } while (0)
#define PS(f) do { uint64_t h = 0; for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) \
    h = fold_ps(h, f(_mm_setr_ps(special[i], special[j], special[(i * 3) % N], 7), _mm_setr_ps(special[j], special[i], 2, special[(i + j) % N]))); \
    printf("%-16s %016lx\n", #f, h); } while (0)
#define ONE_PD(f) do { uint64_t h = 0; for (int i = 0; i < N; i++) h = fold_pd(h, f(_mm_setr_pd(special[i], special[N - 1 - i]))); printf("%-16s %016lx\n", #f, h); } while (0)
#define ONE_PS(f) do { uint64_t h = 0; for (int i = 0; i < N; i++) h = fold_ps(h, f(_mm_setr_ps(special[i], special[N - 1 - i], i, -i))); printf("%-16s %016lx\n", #f, h); } while (0)

int main(void)
{
    for (unsigned mode = 0; mode < 4; mode++) {
        _mm_setcsr(0x1f80 | mode << 13);
        SAY("-- rounding %u", mode);
        PD(_mm_add_pd); PD(_mm_sub_pd); PD(_mm_mul_pd); PD(_mm_div_pd); PD(_mm_add_sd); PD(_mm_div_sd); PD(_mm_sqrt_sd);
        PS(_mm_add_ps); PS(_mm_sub_ps); PS(_mm_mul_ps); PS(_mm_div_ps); PS(_mm_mul_ss); PS(_mm_sub_ss);
        ONE_PD(_mm_sqrt_pd); ONE_PS(_mm_sqrt_ps);
        uint64_t h = 0;
        for (int i = 0; i < N; i++) {
            __m128d d = _mm_setr_pd(special[i], special[N - 1 - i]);
            __m128 f = _mm_setr_ps(special[i], special[N - 1 - i], i + 0.5f, -i - 0.25f);
            h = fold(fold(h, _mm_cvtsd_si32(d)), _mm_cvttsd_si32(d));
            h = fold(fold(h, _mm_cvtsd_si64(d)), _mm_cvttsd_si64(d));
            h = fold(fold(h, _mm_cvtss_si32(f)), _mm_cvttss_si64(f));
            h = fold_si(fold_si(h, _mm_cvtps_epi32(f)), _mm_cvttps_epi32(f));
            h = fold_si(fold_si(h, _mm_cvtpd_epi32(d)), _mm_cvttpd_epi32(d));
            h = fold_ps(fold_pd(h, _mm_cvtps_pd(f)), _mm_cvtpd_ps(d));
            h = fold_pd(h, _mm_cvtepi32_pd(_mm_setr_epi32(i * 1234567, -i, 0, 0)));
            h = fold_ps(h, _mm_cvtepi32_ps(_mm_setr_epi32(i * 123456789, -i, INT_MAX, INT_MIN)));
            h = fold_pd(h, _mm_cvtsi64_sd(d, 0x7ffffffffffffdff + i));
            h = fold_ps(h, _mm_cvtsi64_ss(f, 0x123456789abcdef + i));
            h = fold_pd(fold_pd(h, _mm_floor_pd(d)), _mm_round_pd(d, 4));
            h = fold_ps(fold_ps(h, _mm_ceil_ps(f)), _mm_round_ps(f, 8));
            h = fold_pd(h, _mm_round_sd(d, d, 3));
        }
        SAY("conversions      %016lx", h);
        SAY("flags %#x", _mm_getcsr() & 0x3f);
    }
    _mm_setcsr(0x1f80);
    PD(_mm_min_pd); PD(_mm_max_pd); PS(_mm_min_ps); PS(_mm_max_ss); PD(_mm_cmpeq_pd); PD(_mm_cmplt_pd); PD(_mm_cmple_pd); PD(_mm_cmpunord_pd);
    PD(_mm_cmpneq_pd); PD(_mm_cmpnlt_pd); PD(_mm_cmpnle_pd); PD(_mm_cmpord_pd); PS(_mm_cmpeq_ps); PS(_mm_cmplt_ss); PS(_mm_cmpneq_ss);
    PD(_mm_and_pd); PD(_mm_andnot_pd); PS(_mm_xor_ps); PD(_mm_unpackhi_pd); PS(_mm_unpacklo_ps); PS(_mm_movehl_ps); PS(_mm_move_ss);
    PD(_mm_hadd_pd); PS(_mm_hadd_ps); PD(_mm_hsub_pd); PD(_mm_addsub_pd); PS(_mm_addsub_ps); ONE_PS(_mm_movehdup_ps); ONE_PD(_mm_movedup_pd);
#define SHUFFLE(a, b) _mm_shuffle_ps(a, b, 0x6c)
#define DOT(a, b) _mm_dp_ps(a, b, 0xd5)
#define DOTD(a, b) _mm_dp_pd(a, b, 0x31)
#define INSERT(a, b) _mm_insert_ps(a, b, 0x9a)
    PS(SHUFFLE); PS(DOT); PD(DOTD); PS(INSERT);
    uint64_t h = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            __m128d a = _mm_set_sd(special[i]), b = _mm_set_sd(special[j]);
            h = h * 3 + _mm_comieq_sd(a, b) + 2 * _mm_comilt_sd(a, b) + 4 * _mm_comigt_sd(a, b) + 8 * _mm_ucomineq_sd(a, b) + 16 * _mm_ucomige_sd(a, b);
            uint64_t f;
            __asm__ volatile("ucomisd %2, %1\n pushfq\n popq %0" : "=r"(f) : "x"(a), "x"(b) : "cc");
            h = fold(h, f & 0x8d5);
            h += _mm_movemask_pd(a) + bits(special[i] < special[j] ? special[i] : special[j]);
        }
    SAY("comparisons %016lx", h);
    // Approximations are only bounded, not exact.
    __m128 r = _mm_rcp_ps(_mm_setr_ps(3, 7, 0.1f, -5)), q = _mm_rsqrt_ps(_mm_setr_ps(3, 7, 0.1f, 5));
    float rf[4], qf[4];
    memcpy(rf, &r, 16);
    memcpy(qf, &q, 16);
    TRUTH(fabsf(rf[0] * 3 - 1) < 4e-4f && fabsf(rf[3] * -5 - 1) < 4e-4f);
    TRUTH(fabsf(qf[1] * qf[1] * 7 - 1) < 8e-4f);
    return 0;
}
