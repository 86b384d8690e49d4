using System.Text;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Loading;
using Kennel.Memory;

namespace Kennel.Tests.Loading;

public sealed class ProgramLoaderTests : IDisposable
{
    private readonly SyscallMachine _machine = new();
    private readonly TestTask _root, _user;

    public ProgramLoaderTests()
    {
        _root = _machine.NewTask();
        _user = _machine.NewTask(1000, 1000);
        Put("/prog", ElfBuilder.Typical().Build());
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void AProgramIsLoadedUnderItsOwnName()
    {
        LoadedProgram program = Load("/prog", "zero", "one");
        Assert.Equal(0x40_1000UL, program.Entry);
        Assert.Equal("prog", program.Comm);
        Assert.False(program.IsSecure);
        Assert.Equal("zero\0one\0", Arguments(program));
        Assert.Equal("/prog", PathName.Of(program.Memory.Executable!.Path!.Value, _root.Task.Fs!.Root));
        Assert.Null(program.Memory.NameOf(program.Memory.Find(0x40_1000)!)); // told by the file's path
        program.Memory.Release();
    }

    [Fact]
    public void AScriptRunsItsInterpreterWithItselfAsArgument()
    {
        Put("/script-with-a-long-name", "#! /prog -x y\n"u8);
        LoadedProgram program = Load("/script-with-a-long-name", "zero", "one");
        Assert.Equal("/prog\0-x y\0/script-with-a-long-name\0one\0", Arguments(program));
        Assert.Equal("script-with-a-l", program.Comm);
        Assert.Equal("/prog", PathName.Of(program.Memory.Executable!.Path!.Value, _root.Task.Fs!.Root));
        program.Memory.Release();
    }

    [Fact]
    public void ScriptsNestFiveLevelsDeep()
    {
        Put("/s1", "#!/prog\n"u8);
        for (int i = 2; i <= 6; i++) Put($"/s{i}", Encoding.ASCII.GetBytes($"#!/s{i - 1} a{i}\n"));
        LoadedProgram program = Load("/s5", "zero");
        Assert.Equal("/prog\0/s1\0a2\0/s2\0a3\0/s3\0a4\0/s4\0a5\0/s5\0", Arguments(program));
        program.Memory.Release();
        Assert.Equal(Errno.ELOOP, Fail("/s6"));
    }

    [Fact]
    public void TheErrorsAreThoseOfExec()
    {
        Put("/empty", ""u8);
        Put("/text", "echo hi\n"u8);
        Put("/no-name", "#! \n"u8);
        Put("/lost", "#!/nowhere\n"u8);
        Put("/dir-script", "#!/dir\n"u8);
        Put("/no-linker", ElfBuilder.Typical(3, "/nowhere", 0).Build());
        Put("/text-linker", ElfBuilder.Typical(3, "/text", 0).Build());
        Put("/plain", ElfBuilder.Typical().Build(), 0x1a4);
        _root.Ok("mkdir", "/dir", 0x1ed);
        _root.Ok("mknod", "/fifo", 0x11ed, 0);
        foreach ((string path, Errno expected) in new[]
        {
            ("/empty", Errno.ENOEXEC), ("/text", Errno.ENOEXEC), ("/no-name", Errno.ENOEXEC), ("/lost", Errno.ENOENT),
            ("/dir-script", Errno.EACCES), ("/no-linker", Errno.ENOENT), ("/text-linker", Errno.EIO), ("/plain", Errno.EACCES),
            ("/dir", Errno.EACCES), ("/fifo", Errno.EACCES),
        })
        {
            Assert.Equal((path, expected), (path, Fail(path)));
        }
        Assert.Equal(Errno.E2BIG, Fail("/prog", new string('x', 131072)));
    }

    [Fact]
    public void AFileIsEitherWrittenOrRun()
    {
        int fd = _root.Open("/prog", OpenFlags.ReadWrite);
        Assert.Equal(Errno.ETXTBSY, Fail("/prog"));
        _root.Ok("close", fd);
        LoadedProgram program = Load("/prog", "x");
        AddressSpace child = program.Memory.Fork();
        program.Memory.Release();
        _root.Fails(Errno.ETXTBSY, "open", "/prog", OpenFlags.WriteOnly, 0);
        _root.Fails(Errno.ETXTBSY, "truncate", "/prog", 0);
        child.Release();
        _root.Ok("truncate", "/prog", 0);
        _root.Ok("close", _root.Open("/prog", OpenFlags.WriteOnly));
    }

    [Fact]
    public void SetIdBitsChangeWhoItActsAs()
    {
        Put("/suid", ElfBuilder.Typical().Build(), 0x9ed);
        LoadedProgram program = Load(_user, "/suid", "x");
        Assert.Equal((1000u, 0u, 0u), (program.Credential.Uid, program.Credential.EffectiveUid, program.Credential.SavedUid));
        Assert.Equal(Kennel.Credentials.Capabilities.All, program.Credential.Effective);
        Assert.True(program.IsSecure);
        program.Memory.Release();

        _user.Task.Credential = _user.Task.Credential with { NoNewPrivileges = true };
        program = Load(_user, "/suid", "x");
        Assert.Equal((1000u, 0UL, false), (program.Credential.EffectiveUid, program.Credential.Effective, program.IsSecure));
        program.Memory.Release();
    }

    [Fact]
    public void ABrokenProgramIsReportedPastThePointOfNoReturn()
    {
        Put("/broken", new ElfBuilder().Segment(ElfBuilder.Load, 5, 0, 0x7fff_ffff_e000, 0x4000, 0x4000).Build());
        (Errno e, LoadedProgram? program) = Try(_root, "/broken", "x");
        Assert.Equal(Errno.None, e);
        Assert.True(program!.IsBroken);
        program.Memory.Release();
    }

    private LoadedProgram Load(string path, params string[] args) => Load(_root, path, args);

    private static LoadedProgram Load(TestTask task, string path, params string[] args)
    {
        (Errno e, LoadedProgram? program) = Try(task, path, args);
        Assert.Equal(Errno.None, e);
        Assert.False(program!.IsBroken);
        return program;
    }

    private Errno Fail(string path, params string[] args)
    {
        int frames = _machine.Kernel.Frames.InUse;
        (Errno e, LoadedProgram? program) = Try(_root, path, args);
        Assert.Null(program);
        Assert.Equal(frames, _machine.Kernel.Frames.InUse);
        return e;
    }

    private static (Errno Error, LoadedProgram? Program) Try(TestTask task, string path, params string[] args)
    {
        Assert.Equal(Errno.None, PathWalk.Resolve(task.Task, Fd.WorkingDirectory, path, WalkFlags.Follow, out VfsPath place));
        ValueTask<(Errno, LoadedProgram?)> loading = ProgramLoader.LoadAsync(task.Task, place, path, [.. args.Select(Encoding.Latin1.GetBytes)], []);
        Assert.True(loading.IsCompletedSuccessfully);
        return loading.Result;
    }

    private void Put(string path, ReadOnlySpan<byte> content, uint mode = 0x1ed)
    {
        int fd = _root.Open(path, OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Truncate, 0x1ff);
        Assert.Equal(content.Length, _root.Ok("write", fd, _root.Put(content), content.Length));
        _root.Ok("fchmod", fd, mode);
        _root.Ok("close", fd);
    }

    private static string Arguments(LoadedProgram program)
    {
        var bytes = new byte[program.Memory.Layout.ArgumentsEnd - program.Memory.Layout.ArgumentsStart];
        Assert.True(program.Memory.CopyIn(program.Memory.Layout.ArgumentsStart, bytes));
        return Encoding.Latin1.GetString(bytes);
    }
}
