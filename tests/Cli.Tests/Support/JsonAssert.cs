using System.Text.Json;

namespace Winnow.Cli.Tests.Support;

/// <summary>Checks of JSON that users build on.</summary>
internal static class JsonAssert
{
    /// <summary>The names of an object, in order.</summary>
    public static void Names(JsonElement json, params string[] expected)
        => Assert.Equal(expected, json.EnumerateObject().Select(property => property.Name));

    /// <summary>An array of integers.</summary>
    public static int[] Integers(this JsonElement json, string name)
        => [.. json.GetProperty(name).EnumerateArray().Select(item => item.GetInt32())];

    /// <summary>An array of strings.</summary>
    public static string[] Strings(this JsonElement json, string name)
        => [.. json.GetProperty(name).EnumerateArray().Select(item => item.GetString()!)];
}
