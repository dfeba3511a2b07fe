using System.Globalization;

namespace Winnow.Inference.Grammar;

/// <summary>A place in a pattern or a rule text that is being read, with the errors that name it.</summary>
/// <param name="text">The text.</param>
/// <param name="what">What it is, for errors, such as <c>regular expression</c>.</param>
internal sealed class PatternCursor(string text, string what)
{
    /// <summary>Deepest groups inside each other.</summary>
    public const int MostGroups = 100;

    /// <summary>Largest number of a repetition.</summary>
    public const int MostRepeats = 10000;

    /// <summary>Characters read.</summary>
    public int At { get; private set; }

    /// <summary>Nothing is left.</summary>
    public bool IsDone => At >= text.Length;

    /// <summary>The next character, or NUL at the end.</summary>
    public char Peek => IsDone ? '\0' : text[At];

    /// <summary>Whether a text comes next.</summary>
    public bool Sees(string next) => text.AsSpan(At).StartsWith(next, StringComparison.Ordinal);

    /// <summary>Takes a text when it comes next.</summary>
    public bool Takes(string next)
    {
        bool sees = Sees(next);
        At += sees ? next.Length : 0;
        return sees;
    }

    /// <summary>Takes a text that must come next.</summary>
    public void Require(string next)
    {
        if (!Takes(next))
        {
            throw Error($"needs '{next}'");
        }
    }

    /// <summary>Takes the next code point.</summary>
    public int TakeCodePoint()
    {
        if (IsDone)
        {
            throw Error("ends too soon");
        }
        bool isPair = At + 1 < text.Length && char.IsSurrogatePair(text[At], text[At + 1]);
        int value = isPair ? char.ConvertToUtf32(text[At], text[At + 1]) : text[At];
        if (!isPair && char.IsSurrogate(text[At]))
        {
            throw Error("holds half a surrogate pair");
        }
        At += isPair ? 2 : 1;
        return value;
    }

    /// <summary>Takes a code point written as so many hexadecimal digits.</summary>
    public int TakeHex(int digits)
    {
        if (At + digits > text.Length || !int.TryParse(text.AsSpan(At, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            || value is < 0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF))
        {
            throw Error($"needs a code point in {digits} hexadecimal digits");
        }
        At += digits;
        return value;
    }

    /// <summary>Takes a number without sign when one comes next.</summary>
    public int? TakeNumber()
    {
        int start = At;
        while (char.IsAsciiDigit(Peek))
        {
            At++;
        }
        if (start == At)
        {
            return null;
        }
        return int.TryParse(text.AsSpan(start, At - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MostRepeats
            ? number
            : throw Error($"has a repetition over {MostRepeats}");
    }

    /// <summary>Takes characters as long as they are of a kind.</summary>
    public string TakeWhile(Func<char, bool> isOfKind)
    {
        int start = At;
        while (!IsDone && isOfKind(text[At]))
        {
            At++;
        }
        return text[start..At];
    }

    /// <summary>Takes the repetition after a part: <c>*</c>, <c>+</c>, <c>?</c>, <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>.</summary>
    /// <returns>The part repeated, or itself where none comes next.</returns>
    public GrammarNode TakeRepeat(GrammarNode part)
    {
        (int Least, int Most)? counts = Peek switch
        {
            '*' when Takes("*") => (0, GrammarNode.Repeat.Unlimited),
            '+' when Takes("+") => (1, GrammarNode.Repeat.Unlimited),
            '?' when Takes("?") => (0, 1),
            '{' when Takes("{") => TakeCounts(),
            _ => null,
        };
        return counts is null ? part : new GrammarNode.Repeat(part, counts.Value.Least, counts.Value.Most);
    }

    /// <summary>What is wrong here.</summary>
    public GrammarException Error(string problem) => new($"The {what} {problem} at character {At + 1}.");

    private (int Least, int Most) TakeCounts()
    {
        int? least = TakeNumber();
        int? most = least;
        if (Takes(","))
        {
            most = TakeNumber() ?? GrammarNode.Repeat.Unlimited;
        }
        Require("}");
        return least is null || most < least ? throw Error("has a repetition that is not of the form '{n}', '{n,}' or '{n,m}'") : (least.Value, most!.Value);
    }
}
