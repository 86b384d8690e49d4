using Kennel.Abi;

namespace Kennel.Files;

/// <summary>The descriptors of a process (Linux: files_struct); shared with CLONE_FILES.</summary>
public sealed class FileTable
{
    private OpenFile?[] _files = new OpenFile?[16];
    private bool[] _closeOnExec = new bool[16];
    private int _lowestFree; // no descriptor below it is free
    private int _users = 1;

    /// <summary>One past the highest descriptor that may be in use.</summary>
    public int Capacity => _files.Length;

    /// <summary>No descriptor below it is free (Linux: next_fd).</summary>
    internal int NextFree => _lowestFree;

    /// <summary>The open file, or null (EBADF).</summary>
    public OpenFile? this[Fd fd] => (uint)fd.Value < (uint)_files.Length ? _files[fd.Value] : null;

    /// <summary>Descriptors in use, ascending.</summary>
    public IEnumerable<Fd> Open => Enumerable.Range(0, _files.Length).Where(i => _files[i] != null).Select(i => new Fd(i));

    /// <summary>Whether a descriptor below the limit is free.</summary>
    public bool HasRoom(int limit) => FirstFree(0) < limit;

    /// <summary>Puts a file at the lowest free descriptor from <paramref name="from"/> on; takes over the caller's reference. EMFILE at the limit.</summary>
    public Errno Install(OpenFile file, bool closeOnExec, int limit, out Fd fd, int from = 0)
    {
        int i = FirstFree(from);
        fd = new Fd(i);
        if (i >= limit) return Errno.EMFILE;
        if (from <= _lowestFree) _lowestFree = i + 1;
        Put(i, file, closeOnExec);
        return Errno.None;
    }

    /// <summary>Puts a file at a given descriptor (dup2), closing what was there; takes over the caller's reference.</summary>
    public void Replace(Fd fd, OpenFile file, bool closeOnExec)
    {
        OpenFile? old = this[fd];
        Put(fd.Value, file, closeOnExec);
        old?.DescriptorClosed(this);
        old?.Release();
    }

    /// <summary>Closes a descriptor; false when it is not open.</summary>
    public bool Close(Fd fd)
    {
        OpenFile? file = this[fd];
        if (file == null) return false;
        _files[fd.Value] = null;
        _closeOnExec[fd.Value] = false;
        if (fd.Value < _lowestFree) _lowestFree = fd.Value;
        file.DescriptorClosed(this);
        file.Release();
        return true;
    }

    public bool IsCloseOnExec(Fd fd) => this[fd] != null && _closeOnExec[fd.Value];

    public void SetCloseOnExec(Fd fd, bool value)
    {
        if (this[fd] != null) _closeOnExec[fd.Value] = value;
    }

    /// <summary>What exec closes.</summary>
    public void CloseOnExec()
    {
        for (int i = 0; i < _files.Length; i++)
        {
            if (_closeOnExec[i]) Close(new Fd(i));
        }
    }

    /// <summary>A copy for a child without CLONE_FILES: the same open files, one more reference each.</summary>
    public FileTable Clone()
    {
        var copy = new FileTable { _files = new OpenFile?[_files.Length], _closeOnExec = (bool[])_closeOnExec.Clone(), _lowestFree = _lowestFree };
        for (int i = 0; i < _files.Length; i++) copy._files[i] = _files[i]?.AddReference();
        return copy;
    }

    /// <summary>Another task shares it.</summary>
    public FileTable Share()
    {
        _users++;
        return this;
    }

    /// <summary>Whether more than one task uses it.</summary>
    public bool IsShared => _users > 1;

    /// <summary>A task is done with it; the last one closes everything (Linux: exit_files).</summary>
    public void Release()
    {
        if (--_users != 0) return;
        for (int i = 0; i < _files.Length; i++) Close(new Fd(i));
    }

    private int FirstFree(int from)
    {
        int i = Math.Max(from, _lowestFree);
        while (i < _files.Length && _files[i] != null) i++;
        return i;
    }

    private void Put(int index, OpenFile file, bool closeOnExec)
    {
        if (index >= _files.Length)
        {
            int size = _files.Length;
            while (size <= index) size *= 2;
            Array.Resize(ref _files, size);
            Array.Resize(ref _closeOnExec, size);
        }
        _files[index] = file;
        _closeOnExec[index] = closeOnExec;
    }
}
