using System.Globalization;
using System.Text.Json;

namespace Kennel.Tracing.D.Runtime;

/// <summary>json(): a value out of a text in JSON (RFC 8259).</summary>
internal sealed partial class DRuntime
{
    /// <summary>The element that "a.b[2]" names: strings without quotes, all else as it is written; NULL for none.</summary>
    internal static string? Json(string? text, string? element)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(Solid(text));
            JsonElement at = document.RootElement;
            foreach (string step in Solid(element).Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
            {
                if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(step, out JsonElement member)) at = member;
                else if (at.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < at.GetArrayLength()) at = at[index];
                else return null;
            }
            return at.ValueKind == JsonValueKind.String ? at.GetRawText()[1..^1] : at.GetRawText();
        }
        catch (JsonException)
        {
            return null; // What is no JSON has no elements.
        }
    }
}
