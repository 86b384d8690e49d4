using System.Runtime.InteropServices;

namespace Kennel.Cpu.Interpreter;

/// <summary>Two quadwords that are exchanged as one.</summary>
internal struct Pair(ulong low, ulong high)
{
    public ulong Low = low, High = high;
}

/// <summary>
/// The 16-byte compare-exchange that .NET does not offer. On x64 Linux a few bytes of machine code do it; elsewhere one lock
/// does, which is atomic against others of its kind only.
/// </summary>
internal static unsafe partial class HostAtomics
{
    private const int ProtRead = 1, ProtWrite = 2, ProtExec = 4, MapPrivate = 2, MapAnonymous = 0x20, PageSize = 4096;

    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, Pair*, ulong, ulong, int> Native = MakeNative();

    /// <summary>int cas(rdi: void *place, rsi: Pair *expected, rdx: low, rcx: high)</summary>
    private static ReadOnlySpan<byte> Code =>
    [
        0x53, // push rbx
        0x48, 0x89, 0xd3, // mov rbx, rdx
        0x48, 0x8b, 0x06, // mov rax, [rsi]
        0x48, 0x8b, 0x56, 0x08, // mov rdx, [rsi+8]
        0xf0, 0x48, 0x0f, 0xc7, 0x0f, // lock cmpxchg16b [rdi]
        0x0f, 0x94, 0xc1, // sete cl
        0x48, 0x89, 0x06, // mov [rsi], rax
        0x48, 0x89, 0x56, 0x08, // mov [rsi+8], rdx
        0x0f, 0xb6, 0xc1, // movzx eax, cl
        0x5b, // pop rbx
        0xc3, // ret
    ];

    /// <summary>Writes <paramref name="value"/> if the place holds <paramref name="expected"/>, which then tells what it held.</summary>
    public static bool CompareExchange(byte* place, ref Pair expected, Pair value, object gate)
    {
        if (Native != null)
        {
            fixed (Pair* old = &expected) return Native(place, old, value.Low, value.High) != 0;
        }
        lock (gate)
        {
            ref Pair held = ref *(Pair*)place;
            bool equal = held.Low == expected.Low && held.High == expected.High;
            expected = held;
            if (equal) held = value;
            return equal;
        }
    }

    private static delegate* unmanaged[SuppressGCTransition]<byte*, Pair*, ulong, ulong, int> MakeNative()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return null;
        void* page = Mmap(null, PageSize, ProtRead | ProtWrite, MapPrivate | MapAnonymous, -1, 0);
        if ((nint)page == -1) return null;
        Code.CopyTo(new Span<byte>(page, PageSize));
        if (Mprotect(page, PageSize, ProtRead | ProtExec) != 0) return null; // a host that forbids making code: the lock will do
        return (delegate* unmanaged[SuppressGCTransition]<byte*, Pair*, ulong, ulong, int>)page;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Mprotect(void* address, nuint length, int protection);
}
