using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Loading;

/// <summary>
/// Loads a program for exec: finds out what kind of file it is, follows "#!" to the interpreter, maps the ELF file and its dynamic
/// linker into a new address space, and builds the initial stack. The task half of exec is in LinuxTask.Exec.
/// </summary>
/// <remarks>
/// The steps, each in a file of its own: open and check (<see cref="ExecutableFile"/>), "#!" (<see cref="ScriptLine"/>), ELF headers
/// (<see cref="ElfImage"/>), identities (<see cref="ExecCredential"/>), segments (<see cref="ElfMapper"/>), strings and vectors
/// (<see cref="InitialStack"/>). Linux: fs/exec.c, fs/binfmt_script.c, fs/binfmt_elf.c.
/// </remarks>
public static class ProgramLoader
{
    private const int ScriptLevels = 5; // Linux: exec_binprm
    private const int CommLength = 15;

    /// <summary>Loads the program in <paramref name="file"/>.</summary>
    /// <param name="current">Whose root directory, rights and limits count.</param>
    /// <param name="file">The file, links followed.</param>
    /// <param name="path">The path that exec was given: AT_EXECFN, the name of the task, the argument of "#!" interpreters.</param>
    /// <param name="args">argv, without NULs.</param>
    /// <param name="env">The environment, the same way.</param>
    /// <param name="pathVanishes">Whether the path leads over a descriptor that exec closes: no interpreter could open it then.</param>
    /// <returns>An error that exec answers, or the program. See <see cref="LoadedProgram.IsBroken"/>.</returns>
    [KernelFunction("fs/exec.c", "int search_binary_handler(struct linux_binprm *bprm = path)")]
    public static async ValueTask<(Errno Error, LoadedProgram? Program)> LoadAsync(
        LinuxTask current, VfsPath file, string path, IReadOnlyList<byte[]> args, IReadOnlyList<byte[]> env, bool pathVanishes = false)
    {
        byte[] name = StringBytes.Of(path);
        var strings = new ArgumentStrings(name, args.Count == 0 ? [[]] : args, env);
        Errno e = strings.Check(AddressSpace.StackLimitOf(current));
        if (e != Errno.None) return (e, null);

        (e, ExecutableFile? opened) = await ExecutableFile.OpenAsync(current, file);
        if (e != Errno.None) return (e, null);
        ExecutableFile program = opened!;
        byte[] called = name;
        for (int level = 0; ; level++)
        {
            byte[] head = program.Head();
            if (!ScriptLine.TryParse(head, out ScriptLine script)) break;
            if (!script.IsValid || pathVanishes || level >= ScriptLevels)
            {
                program.Release();
                return (!script.IsValid ? Errno.ENOEXEC : pathVanishes ? Errno.ENOENT : Errno.ELOOP, null);
            }
            strings = strings.ForInterpreter(script, called);
            called = script.Interpreter;
            program.Release();
            e = strings.Check(AddressSpace.StackLimitOf(current));
            if (e == Errno.None) (e, opened) = await ExecutableFile.OpenAsync(current, StringBytes.ToText(script.Interpreter));
            if (e != Errno.None) return (e, null);
            program = opened!;
        }
        return await LoadElfAsync(current, program, strings, Comm(path));
    }

    // Takes over the file.
    [KernelFunction("fs/binfmt_elf.c", "int load_elf_binary(struct linux_binprm *bprm = program)")]
    internal static async ValueTask<(Errno, LoadedProgram?)> LoadElfAsync(
        LinuxTask current, ExecutableFile program, ArgumentStrings strings, string comm)
    {
        Errno e = ElfImage.Read(program, out ElfImage? image);
        ExecutableFile? linker = null;
        ElfImage? linkerImage = null;
        if (e == Errno.None && image!.Interpreter != null)
        {
            (e, linker) = await ExecutableFile.OpenAsync(current, StringBytes.ToText(image.Interpreter));
            if (e == Errno.None) e = ElfImage.ReadInterpreter(linker!, out linkerImage);
        }
        LoadedProgram? loaded = null;
        if (e == Errno.None)
        {
            ExecCredential identity = ExecCredential.For(current.Credential, program);
            ulong stackLimit = AddressSpace.StackLimitOf(current);
            loaded = MapAll(current.Kernel, stackLimit, program, image!, linker, linkerImage, strings, identity) with { Comm = comm };
        }
        program.Release();
        linker?.Release();
        return (e, loaded);
    }

    /// <summary>Builds the address space. There is no way back from here: whatever fails breaks the program.</summary>
    internal static LoadedProgram MapAll(
        Kernel kernel, ulong stackLimit, ExecutableFile program, ElfImage image, ExecutableFile? linker, ElfImage? linkerImage,
        ArgumentStrings strings, ExecCredential identity)
    {
        var memory = new AddressSpace(kernel);
        memory.SetExecutable(program.File.AddReference());
        memory.Layout = MemoryLayout.Default with { MapBase = MemoryLayout.MapBaseFor(stackLimit) };
        var result = new LoadedProgram { Memory = memory, Comm = "", Credential = identity.Credential, IsSecure = identity.IsSecure, Arguments = strings.Arguments };

        var stack = new InitialStack(memory, strings);
        if (!stack.PutStrings(image.IsStackExecutable, stackLimit)) return result with { IsBroken = true };
        var mapper = new ElfMapper(memory);
        if (!mapper.MapProgram(program, image, out ElfPlaces places)) return result with { IsBroken = true };
        ulong linkerBase = 0, entry = places.Entry;
        if (linkerImage != null && !mapper.MapInterpreter(linker!, linkerImage, out linkerBase, out entry)) return result with { IsBroken = true };
        if (!mapper.SetUpBreak(image, places)) return result with { IsBroken = true };
        ulong vdso = 0;
        if (kernel.Vdso is { } pages && !memory.MapSpecial(pages, PageAccess.Read | PageAccess.Execute, out vdso)) return result with { IsBroken = true };
        ulong pointer = stack.PutVectors(kernel, image, places, linkerBase, vdso, identity);
        return pointer == 0 ? result with { IsBroken = true } : result with { Entry = entry, StackPointer = pointer };
    }

    private static string Comm(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        return name.Length > CommLength ? name[..CommLength] : name;
    }
}
