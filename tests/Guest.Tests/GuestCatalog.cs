namespace Kennel.Guest.Tests;

/// <summary>All guests, found in the directory and named by their path, with a suffix for each variant.</summary>
public static class GuestCatalog
{
    private static readonly SortedDictionary<string, GuestCase> All = Find();

    /// <summary>The names of the guests in these folders that the filter lets through.</summary>
    public static TheoryData<string> Names(params string[] folders)
    {
        string[] filter = GuestSettings.Filter;
        return [.. All.Keys.Where(name => folders.Any(f => name.StartsWith(f, StringComparison.Ordinal))
            && (filter.Length == 0 || filter.Any(name.Contains)))];
    }

    /// <summary>A guest by its name.</summary>
    public static GuestCase Get(string name) => All[name];

    private static SortedDictionary<string, GuestCase> Find()
    {
        var result = new SortedDictionary<string, GuestCase>(StringComparer.Ordinal);
        string root = GuestSettings.GuestDirectory;
        foreach (string path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(root, path);
            if (!IsGuest(name))
                continue;
            foreach (GuestCase guest in GuestCase.Read(name, path))
                result.Add(guest.Name, guest);
        }
        return result;
    }

    private static bool IsGuest(string name) =>
        name.StartsWith("cases/", StringComparison.Ordinal)
            ? name.EndsWith("/run.sh", StringComparison.Ordinal)
            : Path.GetExtension(name) is ".c" or ".cc" or ".S" or ".sh" or ".py" or ".pl";
}
