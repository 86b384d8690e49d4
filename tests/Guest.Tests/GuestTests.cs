namespace Kennel.Guest.Tests;

// One test case for each file of tests/Guest, named after it. The areas are classes only so that two of them can run at once.
// Environment: see GuestSettings.

public sealed class ProcessGuests : GuestArea
{
    public static TheoryData<string> Names => GuestCatalog.Names("c/process/", "c/limits/", "c/proc/");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public Task Behaves_as_natively(string name) => CompareAsync(name);
}

public sealed class SignalGuests : GuestArea
{
    public static TheoryData<string> Names => GuestCatalog.Names("c/signals/", "c/time/");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public Task Behaves_as_natively(string name) => CompareAsync(name);
}

public sealed class FileGuests : GuestArea
{
    public static TheoryData<string> Names => GuestCatalog.Names("c/files/", "c/ipc/");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public Task Behaves_as_natively(string name) => CompareAsync(name);
}

public sealed class MemoryAndThreadGuests : GuestArea
{
    public static TheoryData<string> Names => GuestCatalog.Names("c/memory/", "c/threads/");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public Task Behaves_as_natively(string name) => CompareAsync(name);
}

public sealed class ProcessorAndLibraryGuests : GuestArea
{
    public static TheoryData<string> Names => GuestCatalog.Names("c/cpu/", "c/libc/", "c/elf/", "nolibc/");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public Task Behaves_as_natively(string name) => CompareAsync(name);
}

public sealed class ShellGuests : GuestArea
{
    public static TheoryData<string> Names => GuestCatalog.Names("sh/", "bash/");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public Task Behaves_as_natively(string name) => CompareAsync(name);
}

public sealed class ScriptGuests : GuestArea
{
    public static TheoryData<string> Names => GuestCatalog.Names("python/", "perl/");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public Task Behaves_as_natively(string name) => CompareAsync(name);
}

public sealed class MultiFileGuests : GuestArea
{
    public static TheoryData<string> Names => GuestCatalog.Names("cases/");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public Task Behaves_as_natively(string name) => CompareAsync(name);
}
