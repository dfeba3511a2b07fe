using System.CommandLine;
using System.Globalization;

namespace Winnow.Cli.Commands;

/// <summary>Makes flags whose values are checked while the command line is parsed.</summary>
internal static class CommandOptions
{
    /// <summary>An integer in a range.</summary>
    public static Option<int?> Integer(string name, string description, int minimum, int maximum)
    {
        var option = new Option<int?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            int? value = result.GetValueOrDefault<int?>();
            if (value < minimum || value > maximum)
            {
                result.AddError($"{name} '{value}' is out of range; allowed are {minimum} to {maximum}.");
            }
        });
        return option;
    }

    /// <summary>A number in a range.</summary>
    public static Option<float?> Number(string name, string description, float minimum, float maximum)
    {
        var option = new Option<float?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            float? value = result.GetValueOrDefault<float?>();
            if (value is not null && !(value >= minimum && value <= maximum))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} '{value}' is out of range; allowed are {minimum} to {maximum}."));
            }
        });
        return option;
    }

    /// <summary>The <c>--json</c> switch.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object on stdout; everything else goes to stderr." };

    /// <summary>Integers separated by commas.</summary>
    /// <exception cref="CliException">An item is not an integer.</exception>
    public static int[] ParseIntegers(string flag, string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var values = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.Integer, CultureInfo.InvariantCulture, out values[i]))
            {
                throw new CliException($"{flag} has the item '{parts[i]}'; write integers separated by commas, such as 1,2,3.", CliException.BadUsage);
            }
        }
        return values;
    }
}
