namespace Kennel.Tracing.SystemCalls;

/// <summary>Takes the text of a call's arguments apart: at the commas that lie in no brackets, strings or comments.</summary>
internal static class ArgumentTexts
{
    public static IEnumerable<string> Split(string text)
    {
        int depth = 0, start = 0;
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted)
            {
                if (c == '\\') i++;
                else if (c == '"') quoted = false;
                continue;
            }
            if (c == '"') quoted = true;
            else if (c is '[' or '{' or '(') depth++;
            else if (c is ']' or '}' or ')') depth--;
            else if (c == ',' && depth == 0)
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
        }
        string rest = text[start..].Trim();
        if (rest.Length > 0) yield return rest;
    }
}
