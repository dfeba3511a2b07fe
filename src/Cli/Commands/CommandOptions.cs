using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Winnow.Cli.Commands;

/// <summary>Makes flags whose values are checked while the command line is parsed.</summary>
internal static class CommandOptions
{
    /// <summary>An integer in a range.</summary>
    public static Option<int?> Integer(string name, string description, int minimum, int maximum)
        => InRange(name, description, minimum, maximum, NumberStyles.AllowLeadingSign);

    /// <summary>An integer from 0 to 2^64 - 1.</summary>
    public static Option<ulong?> UnsignedInteger(string name, string description)
        => InRange(name, description, ulong.MinValue, ulong.MaxValue, NumberStyles.None);

    /// <summary>A number in a range.</summary>
    public static Option<float?> Number(string name, string description, float minimum, float maximum)
        => InRange(name, description, minimum, maximum, NumberStyles.Float);

    /// <summary>A number with a unit, such as <c>20ms</c>.</summary>
    /// <param name="name">Flag.</param>
    /// <param name="description">What it does.</param>
    /// <param name="units">Units and what one of each is worth; matched to the letter.</param>
    /// <param name="maximum">Largest value; the smallest is 0.</param>
    /// <param name="example">For the error's text.</param>
    public static Option<double?> Quantity(string name, string description, IReadOnlyDictionary<string, double> units, double maximum, string example) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            int digits = text.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
            if (double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
                && units.TryGetValue(text[digits..], out double unit) && value * unit <= maximum)
            {
                return value * unit;
            }
            string known = string.Join(", ", units.Keys.Select(key => key.Length == 0 ? "none" : key));
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} '{text}' is not valid; write a number and a unit ({known}), such as {example}."));
            return null;
        },
    };

    /// <summary>The <c>--json</c> switch.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object on stdout; everything else goes to stderr." };

    /// <summary>Adds the rule that exactly one of two flags is given. It looks at no value: a value that cannot be parsed is an error of its own.</summary>
    public static void RequireOne(Command command, Option first, Option second, string error) => command.Validators.Add(result =>
    {
        if (result.GetResult(first) is null == result.GetResult(second) is null)
        {
            result.AddError(error);
        }
    });

    /// <summary>Integers separated by commas; none for an empty text.</summary>
    /// <exception cref="CliException">An item is not an integer.</exception>
    public static int[] ParseIntegers(string flag, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        var values = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out values[i]))
            {
                throw new CliException($"{flag} has the item '{parts[i]}'; write integers separated by commas, such as 1,2,3.", CliException.BadUsage);
            }
        }
        return values;
    }

    /// <summary>Token ids separated by commas, each checked against the vocabulary; none for an empty text.</summary>
    /// <exception cref="CliException">An item is not an id of the model.</exception>
    public static int[] ParseIds(string flag, string text, int vocabularySize)
    {
        int[] ids = ParseIntegers(flag, text);
        int bad = Array.FindIndex(ids, id => id < 0 || id >= vocabularySize);
        return bad < 0
            ? ids
            : throw new CliException($"{flag} has the id '{ids[bad]}'; ids of this model are 0 to {vocabularySize - 1}.", CliException.BadUsage);
    }

    // A validator would ask for the value, which throws when it cannot be parsed; a parser says both in one place.
    private static Option<T?> InRange<T>(string name, string description, T minimum, T maximum, NumberStyles styles)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            CustomParser = result => Parse(result, name, minimum, maximum, styles),
        };

    private static T? Parse<T>(ArgumentResult result, string name, T minimum, T maximum, NumberStyles styles)
        where T : struct, INumber<T>
    {
        string text = result.Tokens[0].Value;
        if (T.TryParse(text, styles, CultureInfo.InvariantCulture, out T value) && value >= minimum && value <= maximum)
        {
            return value;
        }
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} '{text}' is not a number from {minimum} to {maximum}."));
        return null;
    }
}
