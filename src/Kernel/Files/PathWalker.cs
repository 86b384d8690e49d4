using Kennel.Abi;

namespace Kennel.Files;

/// <summary>
/// One walk along a path (Linux: struct nameidata; fs/namei.c, link_path_walk). It stands at a place, <see cref="Place"/>,
/// and has a text to go. A link's target is put in front of what remains of the text, so there is no recursion.
/// </summary>
internal ref struct PathWalker
{
    private const int LinkLimit = 40;

    private readonly WalkContext _context;
    private readonly WalkFlags _flags;
    private readonly VfsPath _root;
    private string _text = "";
    private int _start, _end; // of the last component in _text
    private int _links;
    private bool _afterJump; // the text goes on where a magic link led, even if it begins with a slash

    public PathWalker(in WalkContext context, WalkFlags flags, VfsPath start)
    {
        _context = context;
        _flags = flags;
        Place = start;
        _root = (flags & WalkFlags.Scoped) != 0 ? start : context.Root;
    }

    /// <summary>Where it stands.</summary>
    public VfsPath Place { get; private set; }

    /// <summary>What the last component is, once <see cref="WalkToLast()"/> is through.</summary>
    public LastKind Kind { get; private set; }

    /// <summary>The last component.</summary>
    public readonly ReadOnlySpan<char> Name => _text.AsSpan(_start, _end - _start);

    /// <summary>Whether slashes follow the last component; for links on the way to it, too.</summary>
    public readonly bool HasTrailingSlash => _end < _text.Length;

    /// <summary>Linux: path_lookupat.</summary>
    public Errno Resolve(string path, out VfsPath result)
    {
        result = default;
        if (path.Length == 0)
        {
            result = Place;
            return (_flags & WalkFlags.Directory) != 0 && !Place.Inode.IsDirectory ? Errno.ENOTDIR : Errno.None;
        }
        Errno e = WalkToLast(path);
        while (e == Errno.None && Kind != LastKind.Root)
        {
            e = StepLast((_flags & WalkFlags.Follow) != 0 || HasTrailingSlash, out bool followed);
            if (e != Errno.None || !followed) break;
            e = WalkToLast();
        }
        if (e != Errno.None) return e;
        if (((_flags & WalkFlags.Directory) != 0 || HasTrailingSlash) && !Place.Inode.IsDirectory) return Errno.ENOTDIR;
        result = Place;
        return Errno.None;
    }

    /// <summary>Linux: filename_parentat.</summary>
    public Errno ResolveParent(string path, out LastName last)
    {
        Errno e = WalkToLast(path);
        last = e == Errno.None ? new LastName(Place, Name.ToString(), Kind, HasTrailingSlash) : default;
        return e;
    }

    /// <summary>Begins with a path and walks to its last component.</summary>
    public Errno WalkToLast(string path)
    {
        _text = path;
        return WalkToLast();
    }

    /// <summary>
    /// Walks along the text until only one component is left, and looks whether the directory may be searched for it.
    /// Linux: fs/namei.c, link_path_walk.
    /// </summary>
    public Errno WalkToLast()
    {
        while (true) // once for each link on the way
        {
            Errno e = BeginText();
            if (e != Errno.None) return e;
            int at = SkipSlashes(_text, 0);
            if (at == _text.Length)
            {
                _start = _end = at;
                Kind = LastKind.Root;
                return Errno.None;
            }
            bool followed = false;
            while (!followed)
            {
                e = Permissions.CheckSearch(Place.Inode, _context.Credential);
                if (e != Errno.None) return e;
                int next = Parse(at);
                if (next == _text.Length) return Errno.None;
                e = Step(follow: true, out followed);
                if (e != Errno.None) return e;
                if (followed) break;
                if (!Place.Inode.IsDirectory) return Errno.ENOTDIR;
                at = next;
            }
        }
    }

    /// <summary>Takes the last component: stands on what it names then, or is <paramref name="followed"/> to a new text.</summary>
    public Errno StepLast(bool follow, out bool followed) => Step(follow, out followed);

    /// <summary>Goes to a child that the caller has looked up or made.</summary>
    public Errno EnterChild(Dentry child, bool follow, out bool followed)
    {
        followed = false;
        var place = new VfsPath(Place.Mount, child);
        Errno e = CrossMounts(ref place);
        if (e != Errno.None) return e;
        if (follow && place.Inode.Type == FileType.SymbolicLink)
        {
            followed = true;
            return FollowLink(place);
        }
        Place = place;
        return Errno.None;
    }

    private Errno BeginText()
    {
        bool absolute = _text.Length > 0 && _text[0] == '/' && !_afterJump;
        if (absolute)
        {
            if ((_flags & WalkFlags.Beneath) != 0) return Errno.EXDEV;
            if ((_flags & WalkFlags.NoMountCrossing) != 0 && _links > 0 && Place.Mount != _root.Mount) return Errno.EXDEV;
            Place = _root;
        }
        if (_text.Length > 0 && !Place.Inode.IsDirectory) return Errno.ENOTDIR;
        return Errno.None;
    }

    // Sets the component that begins at an index; answers where the next one begins.
    private int Parse(int at)
    {
        int slash = _text.AsSpan(at).IndexOf('/');
        _start = at;
        _end = slash < 0 ? _text.Length : at + slash;
        ReadOnlySpan<char> name = Name;
        Kind = name is "." ? LastKind.Dot : name is ".." ? LastKind.DotDot : LastKind.Normal;
        return SkipSlashes(_text, _end);
    }

    private Errno Step(bool follow, out bool followed)
    {
        followed = false;
        if (Kind == LastKind.Dot) return Errno.None;
        if (Kind == LastKind.DotDot) return GoUp();
        Errno e = PathWalk.LookUp(Place.Dentry, Name, out Dentry? child);
        return e != Errno.None ? e : EnterChild(child!, follow, out followed);
    }

    /// <summary>Linux: handle_dots, follow_dotdot.</summary>
    public Errno GoUp()
    {
        VfsPath place = Place;
        while (true)
        {
            if (place == _root)
            {
                if ((_flags & WalkFlags.Beneath) != 0) return Errno.EXDEV;
                break;
            }
            if (place.Dentry != place.Mount.Root)
            {
                Dentry parent = place.Dentry.Parent;
                if (!place.Mount.Contains(parent)) return Errno.ENOENT; // moved out of a bind mount
                place = place with { Dentry = parent };
                break;
            }
            if (place.Mount.Parent == null) break;
            if ((_flags & WalkFlags.NoMountCrossing) != 0) return Errno.EXDEV;
            place = new VfsPath(place.Mount.Parent, place.Mount.MountPoint!);
        }
        Errno e = CrossMounts(ref place);
        if (e == Errno.None) Place = place;
        return e;
    }

    private readonly Errno CrossMounts(ref VfsPath place)
    {
        while (_context.Mounts.MountedAt(place) is { } mount)
        {
            if ((_flags & WalkFlags.NoMountCrossing) != 0) return Errno.EXDEV;
            place = new VfsPath(mount, mount.Root);
        }
        return Errno.None;
    }

    // Linux: fs/namei.c, pick_link.
    private Errno FollowLink(VfsPath link)
    {
        if (++_links > LinkLimit || (_flags & WalkFlags.NoSymbolicLinks) != 0) return Errno.ELOOP;
        if ((link.Mount.Flags & MountFlags.NoSymbolicFollow) != 0) return Errno.ELOOP;
        ReadOnlySpan<char> rest = _text.AsSpan(_end);
        Errno e = link.Inode.FollowMagicLink(_context.Task!, out VfsPath? target);
        if (e != Errno.None) return e;
        if (target is { } place)
        {
            if ((_flags & WalkFlags.NoMagicLinks) != 0) return Errno.ELOOP;
            if ((_flags & WalkFlags.Scoped) != 0) return Errno.EXDEV;
            if ((_flags & WalkFlags.NoMountCrossing) != 0 && place.Mount != Place.Mount) return Errno.EXDEV;
            Place = place;
            _text = rest.ToString();
            _afterJump = true;
            return Errno.None;
        }
        e = link.Inode.ReadLink(_context.Task!, out string text);
        if (e != Errno.None) return e;
        if (text.Length == 0) return Errno.ENOENT;
        _text = string.Concat(text, rest);
        _afterJump = false;
        return Errno.None;
    }

    private static int SkipSlashes(string text, int at)
    {
        while (at < text.Length && text[at] == '/') at++;
        return at;
    }
}
